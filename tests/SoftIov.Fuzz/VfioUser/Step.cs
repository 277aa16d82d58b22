using System.Globalization;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>One step of a stream, and its line of text.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Bytes">What is sent.</param>
/// <param name="Descriptors">What descriptors go with the first byte, by name.</param>
/// <param name="Iova">Where a poller reads or writes.</param>
/// <param name="Length">How much it does, or bytes of an answer more than there should be.</param>
internal sealed record Step(StepKind Kind, byte[] Bytes, string[] Descriptors, ulong Iova, int Length)
{
    /// <summary>Bytes to send.</summary>
    public static Step Send(byte[] bytes, params string[] descriptors) => new(StepKind.Send, bytes, descriptors, 0, 0);

    /// <summary>An access of a poller.</summary>
    public static Step Access(StepKind kind, ulong iova, int length) => new(kind, [], [], iova, length);

    /// <summary>An answer to a DMA message, too long or short by so many bytes.</summary>
    public static Step Answer(int excess) => new(StepKind.Answer, [], [], 0, excess);

    /// <summary>Another client.</summary>
    public static Step Reconnect() => new(StepKind.Reconnect, [], [], 0, 0);

    /// <summary>Steps of a text; lines that begin with # are remarks.</summary>
    public static List<Step> Parse(string text) =>
        [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(ParseLine)];

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        StepKind.Send => string.Join(' ', ["send", Convert.ToHexStringLower(Bytes), .. Descriptors]),
        StepKind.Read or StepKind.Write => $"{Kind.ToString().ToLowerInvariant()} {Iova:x} {Length}",
        StepKind.Answer => $"answer {Length}",
        _ => "reconnect",
    };

    private static Step ParseLine(string line)
    {
        string[] words = line.Split(' ');
        return words[0] switch
        {
            "send" => Send(Convert.FromHexString(words[1]), words[2..]),
            "read" => Access(StepKind.Read, Address(words[1]), Number(words[2])),
            "write" => Access(StepKind.Write, Address(words[1]), Number(words[2])),
            "answer" => Answer(Number(words[1])),
            "reconnect" => Reconnect(),
            _ => throw new FormatException($"no step: {line}"),
        };
    }

    private static ulong Address(string word) => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
