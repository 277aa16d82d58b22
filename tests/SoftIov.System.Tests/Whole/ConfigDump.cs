using System.Globalization;

namespace SoftIov.SystemTests.Whole;

/// <summary>Configuration space of functions by bus number and function ("01:00.1"), out of what <c>lspci -xxxx</c> prints.</summary>
internal static class ConfigDump
{
    /// <summary>Reads a dump; domains are left away.</summary>
    public static SortedDictionary<string, byte[]> Parse(string text)
    {
        var functions = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        byte[] current = [];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || char.IsWhiteSpace(line[0]))
                continue;
            if (words[0].EndsWith(':') && words.Length == 17)
            {
                int offset = int.Parse(words[0][..^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                for (int i = 1; i < words.Length; i++)
                    current[offset + i - 1] = byte.Parse(words[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else
            {
                functions.Add(words[0][^7..], current = new byte[4096]);
            }
        }

        return functions;
    }

    /// <summary>Offsets at which two dumps of one function differ, with both values.</summary>
    public static string Difference(byte[] one, byte[] other) => string.Join(' ', Enumerable.Range(0, one.Length)
        .Where(offset => one[offset] != other[offset])
        .Select(offset => $"{offset:x3}:{one[offset]:x2}/{other[offset]:x2}"));
}
