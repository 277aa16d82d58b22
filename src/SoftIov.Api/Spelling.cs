namespace SoftIov.Api;

/// <summary>Finds the word that was meant.</summary>
public static class Spelling
{
    /// <summary><c>did you mean vlan?</c>, or all words there are when none is near.</summary>
    public static string Suggest(string word, IEnumerable<string> known)
    {
        string[] words = [.. known];
        return Nearest(word, words) is { } best ? $"did you mean {best}?" : $"one of {string.Join(", ", words)}";
    }

    /// <summary>The known word that is nearest, when it is near at all: one mistake in three letters. Case and hyphens do not count.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        string folded = Fold(word);
        string? best = known.MinBy(candidate => Distance(folded, Fold(candidate)));
        return best is not null && Distance(folded, Fold(best)) <= Math.Max(1, folded.Length / 3) ? best : null;
    }

    private static string Fold(string word) =>
        word.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);

    /// <summary>
    /// Insertions, deletions, replacements and swaps of neighbours between two words (Damerau's distance, restricted to no edits inside a
    /// swap).
    /// </summary>
    private static int Distance(string left, string right)
    {
        int[,] costs = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
        {
            for (int j = 0; j <= right.Length; j++)
            {
                costs[i, j] = Math.Min(i, j) == 0 ? Math.Max(i, j) : Cost(costs, left, right, i, j);
            }
        }

        return costs[left.Length, right.Length];
    }

    private static int Cost(int[,] costs, string left, string right, int i, int j)
    {
        int change = costs[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
        int cost = Math.Min(change, 1 + Math.Min(costs[i - 1, j], costs[i, j - 1]));
        bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
        return swapped ? Math.Min(cost, costs[i - 2, j - 2] + 1) : cost;
    }
}
