using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SoftIov.Lab.Guests;

/// <summary>What programs in a Linux guest print, as values.</summary>
internal static partial class QemuGuestOutput
{
    /// <summary>The last lines of ping(8) of busybox or iputils; null for anything else.</summary>
    public static PingResult? Ping(string output)
    {
        if (Counts().Match(output) is not { Success: true } counts)
            return null;

        Match times = Times().Match(output);
        double mean = times.Success ? double.Parse(times.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        return new PingResult(Number(counts.Groups[1]), Number(counts.Groups[2]), mean);
    }

    /// <summary>What the receiver of <c>iperf3 -J</c> got; null when it did not come to that.</summary>
    public static StreamResult? Stream(string output)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(output);
            if (!document.RootElement.GetProperty("end").TryGetProperty("sum_received", out JsonElement received))
                return null;

            return new StreamResult(received.GetProperty("bytes").GetInt64(), TimeSpan.FromSeconds(received.GetProperty("seconds").GetDouble()));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) (?:packets )?received")]
    private static partial Regex Counts();

    [GeneratedRegex(@"min/avg/max\S* = [\d.]+/([\d.]+)/")]
    private static partial Regex Times();
}
