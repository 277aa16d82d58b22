using System.Globalization;

namespace SoftIov.Cli.Lspci;

/// <summary>One function of a dump: its slot, what the dump calls it, and its configuration space.</summary>
/// <param name="Slot">Bus, device and function as lspci prints them.</param>
/// <param name="Title">Name in the dump.</param>
/// <param name="Config">Configuration space.</param>
internal sealed record PciDump(string Slot, string Title, byte[] Config)
{
    /// <summary>The functions of a text that <c>lspci -F</c> reads: a slot line, then lines of an offset and 16 bytes.</summary>
    public static IReadOnlyList<PciDump> Parse(string text)
    {
        var functions = new List<PciDump>();
        var config = new List<byte>();
        string head = "";
        foreach (string line in text.Split('\n'))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon is 2 or 3 && int.TryParse(line.AsSpan(0, colon), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _))
            {
                config.AddRange(line[(colon + 2)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Byte));
            }
            else
            {
                Finish(functions, head, config);
                head = line;
            }
        }

        Finish(functions, head, config);
        return functions;
    }

    private static byte Byte(string hex) => byte.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static void Finish(List<PciDump> functions, string head, List<byte> config)
    {
        if (config.Count > 0)
        {
            string[] words = head.Split(' ', 2);
            functions.Add(new PciDump(words[0], words.Length > 1 ? words[1] : "", [.. config]));
            config.Clear();
        }
    }
}
