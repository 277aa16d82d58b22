namespace SoftIov.Daemon.Configuration;

/// <summary>Finds the word that was meant.</summary>
internal static class Spelling
{
    /// <summary><c>did you mean vlan?</c>, or all words there are when none is near.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        string[] words = [.. known];
        string folded = Fold(word);
        string? best = words.MinBy(candidate => Distance(folded, Fold(candidate)));
        return best is not null && Distance(folded, Fold(best)) <= Math.Max(1, folded.Length / 3)
            ? $"did you mean {best}?"
            : $"one of {string.Join(", ", words)}";
    }

    private static string Fold(string word) => word.ToLowerInvariant().Replace("_", "").Replace("-", "");

    /// <summary>Levenshtein's distance: insertions, deletions and replacements between two words.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int above = row[j];
                int change = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, 1 + Math.Min(above, row[j - 1]));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
