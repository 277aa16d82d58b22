using System.Globalization;

namespace SoftIov.Api;

/// <summary>Numbers of bytes as people write them: <c>512MiB</c>, <c>10 GB</c>, <c>4096</c>.</summary>
public static class ByteSize
{
    /// <summary>How a size is written, for errors.</summary>
    public const string Expected = "a size such as 512MiB, 10GiB or 100GB";

    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    /// <summary>Bytes, or null when the text is no positive size.</summary>
    public static long? Parse(string text)
    {
        string number = text.Trim();
        long factor = 1;
        foreach ((string unit, long bytes) in Units)
        {
            if (number.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                number = number[..^unit.Length].TrimEnd();
                factor = bytes;
                break;
            }
        }

        bool isNumber = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count);
        return isNumber && count > 0 && count <= long.MaxValue / factor ? count * factor : null;
    }

    /// <summary>Exactly, in the largest unit that gives a whole number; <see cref="Parse"/> reads it again.</summary>
    public static string Show(long bytes)
    {
        foreach ((string unit, long factor) in Units)
        {
            if (factor > 1 && bytes > 0 && bytes % factor == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}B");
    }

    /// <summary>About, in a binary unit, for tables.</summary>
    public static string About(long bytes)
    {
        foreach ((string unit, long factor) in Units.AsSpan(0, 4))
        {
            if (bytes >= factor)
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / factor:0.##}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes}B");
    }
}
