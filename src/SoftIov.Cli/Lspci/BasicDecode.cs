using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SoftIov.Cli.Lspci;

/// <summary>
/// What is shown of a function where pciutils is missing: identity and capabilities by number (PCI 3.0, 6.1 and 6.7; PCIe 6.0, 7.6), and
/// the bytes.
/// </summary>
internal static class BasicDecode
{
    private const int BytesPerLine = 16;
    private const int ExtendedStart = 0x100;

    /// <summary>Text of one function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="capabilities">Also its capabilities.</param>
    /// <param name="hexBytes">How many bytes to show after it.</param>
    public static string Of(PciDump function, bool capabilities, int hexBytes)
    {
        ReadOnlySpan<byte> config = function.Config;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{function.Slot} {Word(config, 0x0a):x4}: {Word(config, 0):x4}:{Word(config, 2):x4}");
        text.Append(CultureInfo.InvariantCulture, $" (rev {config[8]:x2}) {function.Title}\n");
        if (capabilities)
        {
            text.Append(CultureInfo.InvariantCulture, $"\tSubsystem: {Word(config, 0x2c):x4}:{Word(config, 0x2e):x4}\n");
            AppendCapabilities(text, config);
            AppendExtendedCapabilities(text, config);
        }

        AppendHex(text, config[..Math.Min(hexBytes, config.Length)]);
        return text.Append(capabilities || hexBytes > 0 ? "\n" : "").ToString();
    }

    private static ushort Word(ReadOnlySpan<byte> config, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(config[offset..]);

    private static void AppendCapabilities(StringBuilder text, ReadOnlySpan<byte> config)
    {
        // 48 capabilities are all that fit: a list that goes round in circles ends too.
        int at = config[0x34] & ~3;
        for (int i = 0; i < 48 && at >= 0x40 && at + 2 <= config.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\tCapabilities: [{at:x2}] {Name(config[at])}\n");
            at = config[at + 1] & ~3;
        }
    }

    private static void AppendExtendedCapabilities(StringBuilder text, ReadOnlySpan<byte> config)
    {
        int at = ExtendedStart;
        for (int i = 0; i < 960 && at >= ExtendedStart && at + 4 <= config.Length; i++)
        {
            uint header = BinaryPrimitives.ReadUInt32LittleEndian(config[at..]);
            if (header is 0 or uint.MaxValue)
            {
                return;
            }

            text.Append(CultureInfo.InvariantCulture, $"\tCapabilities: [{at:x3}] {ExtendedName(header & 0xffff)}\n");
            at = (int)(header >> 20) & ~3;
        }
    }

    private static string Name(byte id) => id switch
    {
        0x01 => "Power Management",
        0x05 => "MSI",
        0x09 => "Vendor Specific Information",
        0x10 => "Express",
        0x11 => "MSI-X",
        _ => $"id {id:x2}",
    };

    private static string ExtendedName(uint id) => id switch
    {
        0x0001 => "Advanced Error Reporting",
        0x0003 => "Device Serial Number",
        0x000d => "Access Control Services",
        0x000e => "Alternative Routing-ID Interpretation (ARI)",
        0x0010 => "Single Root I/O Virtualization (SR-IOV)",
        _ => $"extended id {id:x4}",
    };

    private static void AppendHex(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        for (int line = 0; line < bytes.Length; line += BytesPerLine)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line:x2}:");
            foreach (byte value in bytes.Slice(line, Math.Min(BytesPerLine, bytes.Length - line)))
            {
                text.Append(CultureInfo.InvariantCulture, $" {value:x2}");
            }

            text.Append('\n');
        }
    }
}
