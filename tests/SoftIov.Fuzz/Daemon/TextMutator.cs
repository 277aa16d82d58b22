using System.Text;

namespace SoftIov.Fuzz.Daemon;

/// <summary>Text that was good once: pieces of it deleted, doubled, swapped for others and filled with what parsers stumble over.</summary>
internal sealed class TextMutator(int seed, IReadOnlyList<string> words)
{
    private static readonly string[] Stumbles =
    [
        "", " ", "\n", "\r", "\t", "\0", "null", "true", "-1", "0", "65536", "4294967296", "99999999999999999999", "1e999", "0x10", ".5", "~",
        "{", "}", "[", "]", "[[[[", "{{{{", ":", ": ", ",", "\"", "'", "\\u0000", "\\ud800", "&a", "*a", "!!int", "<<", "---", "...", "|", ">",
        "#", "%YAML 1.1\n", "é", "\uFEFF", "../..", "net0/", "net0/-1", "net0/65535", "net0/pf", "a/b/c",
    ];

    private readonly Random _random = new(seed);

    /// <summary>One of several.</summary>
    public string Pick(IReadOnlyList<string> texts) => texts[_random.Next(texts.Count)];

    /// <summary>Whether to do something that happens so often in a hundred.</summary>
    public bool Happens(int percent) => _random.Next(100) < percent;

    /// <summary>The text with up to so many changes.</summary>
    public string Mutate(string text, int atMost)
    {
        var changed = new StringBuilder(text);
        for (int left = _random.Next(atMost + 1); left > 0; left--)
            ChangeOne(changed);
        return changed.ToString();
    }

    private void ChangeOne(StringBuilder text)
    {
        int at = _random.Next(text.Length + 1);
        int length = Math.Min(_random.Next(12), text.Length - at);
        switch (_random.Next(5))
        {
            case 0:
                text.Remove(at, length);
                break;
            case 1:
                text.Insert(at, text.ToString(at, length));
                break;
            case 2:
                text.Insert(at, Pick(Stumbles));
                break;
            case 3:
                text.Remove(at, length).Insert(at, Pick(words));
                break;
            default:
                text.Insert(at, new string((char)_random.Next(1, 128), _random.Next(40)));
                break;
        }
    }
}
