using System.Globalization;

namespace SoftIov.Fuzz.VhostUser;

/// <summary>One message of a stream, as a line: request, flags, announced size, payload in hex or -, names of descriptors.</summary>
/// <param name="Request">Number of the request.</param>
/// <param name="Flags">Flags of the header.</param>
/// <param name="Size">Size that the header announces.</param>
/// <param name="Payload">What follows it.</param>
/// <param name="Descriptors">What goes with it.</param>
internal sealed record FrontEndStep(uint Request, uint Flags, uint Size, byte[] Payload, string[] Descriptors)
{
    /// <summary>Reads lines; those that begin with # are for people.</summary>
    public static IEnumerable<FrontEndStep> Parse(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(ParseLine);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Request} {Flags} {Size} {(Payload.Length == 0 ? "-" : Convert.ToHexString(Payload))} {string.Join(' ', Descriptors)}").TrimEnd();

    private static FrontEndStep ParseLine(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new FrontEndStep(
            uint.Parse(words[0], CultureInfo.InvariantCulture),
            uint.Parse(words[1], CultureInfo.InvariantCulture),
            uint.Parse(words[2], CultureInfo.InvariantCulture),
            words[3] == "-" ? [] : Convert.FromHexString(words[3]),
            words[4..]);
    }
}
