using System.Globalization;
using System.Text;
using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>Configuration space as the text that <c>lspci -x</c> prints and <c>lspci -F</c> reads: a slot line, then 16 bytes a line.</summary>
public static class LspciDump
{
    private const int BytesPerLine = 16;
    private const string HexDigits = "0123456789abcdef";

    /// <summary>Appends one function and an empty line.</summary>
    public static void Append(StringBuilder text, RequesterId id, string title, ReadOnlySpan<byte> config)
    {
        ArgumentNullException.ThrowIfNull(text);
        text.Append(id).Append(' ').Append(title).Append('\n');
        for (int line = 0; line < config.Length; line += BytesPerLine)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line:x2}:");
            foreach (byte value in config.Slice(line, Math.Min(BytesPerLine, config.Length - line)))
                text.Append(' ').Append(HexDigits[value >> 4]).Append(HexDigits[value & 15]);
            text.Append('\n');
        }

        text.Append('\n');
    }

    /// <summary>Appends an endpoint's assigned view under the routing id it has on its adapter's bus.</summary>
    public static void Append(StringBuilder text, IEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Span<byte> config = stackalloc byte[ConfigSpace.Size];
        endpoint.ReadConfig(0, config);
        Append(text, endpoint.Dma.Requester, endpoint.Name, config);
    }

    internal static void Append(StringBuilder text, PciFunction function, ConfigView view)
    {
        Span<byte> config = stackalloc byte[ConfigSpace.Size];
        lock (function.Gate)
        {
            if (!function.IsPresent)
                return;
            (view == ConfigView.Fabric ? function.FabricConfig : function.AssignedConfig).Read(0, config);
        }

        Append(text, function.Dma.Requester, function.Name, config);
    }
}
