using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Faults;

/// <summary>The keys that came with a fault; what is wrong with them is a <see cref="ControlException"/>.</summary>
internal sealed class FaultValues(string fault, IReadOnlyDictionary<string, string> values)
{
    /// <summary>Largest count.</summary>
    public const int LargestCount = 1_000_000;

    /// <summary>Longest time, in milliseconds.</summary>
    public const int LongestMilliseconds = 600_000;

    private const string CountKey = "count";
    private const string TimeKey = "ms";

    /// <summary>How often; null when it is not said.</summary>
    public int? Count => Number(CountKey, LargestCount);

    /// <summary>How long; null when it is not said.</summary>
    public TimeSpan? Time => Number(TimeKey, LongestMilliseconds) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    /// <summary>A value as it stands.</summary>
    public string? this[string key] => values.GetValueOrDefault(key);

    /// <summary>Refuses keys that the fault does not have.</summary>
    public void Allow(IReadOnlyList<string> keys)
    {
        foreach (string key in values.Keys.Where(key => !keys.Contains(key)))
        {
            throw FaultPlace.Refused(
                $"'{fault}' has no '{key}'", keys.Count == 0 ? $"softiov inject TARGET {fault}" : Spelling.Suggest(key, keys));
        }
    }

    private int? Number(string key, int largest)
    {
        if (values.GetValueOrDefault(key) is not { } text)
            return null;
        return SettingText.Number(text) is { } number && number >= 1 && number <= largest
            ? number
            : throw FaultPlace.Refused($"'{text}' is no value of {key}", $"expected: 1 to {largest}");
    }
}
