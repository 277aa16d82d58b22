namespace SoftIov.Daemon.Configuration;

/// <summary>An enumeration's members as words of the configuration.</summary>
internal sealed class Words<TEnum>(params (string Word, TEnum Value)[] words)
    where TEnum : struct, Enum
{
    /// <summary>All words, for errors.</summary>
    public string Expected { get; } = string.Join(" or ", words.Select(w => w.Word));

    /// <summary>All words.</summary>
    public IReadOnlyList<string> All { get; } = [.. words.Select(w => w.Word)];

    /// <summary>The member a word stands for, or null.</summary>
    public TEnum? Parse(string text)
    {
        foreach ((string word, TEnum value) in words)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The word of a member.</summary>
    public string Show(TEnum value) => words.First(w => w.Value.Equals(value)).Word;
}
