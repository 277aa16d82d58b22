using System.Globalization;
using SoftIov.Lab.Nvme;

namespace SoftIov.Fuzz.Nvme;

/// <summary>One step, and its line of text: its kind and hexadecimal numbers, or a command's fields that are not 0.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Place">A queue, a register or an address.</param>
/// <param name="Value">What is written; <see cref="Tail"/> for the right value of a doorbell.</param>
/// <param name="Entry">A command.</param>
internal sealed record NvmeStep(NvmeStepKind Kind, ulong Place = 0, ulong Value = 0, SubmissionEntry Entry = default)
{
    public const ulong Tail = ulong.MaxValue;

    /// <summary>Steps of a text; lines that begin with # are remarks.</summary>
    public static List<NvmeStep> Parse(string text) =>
        [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(ParseLine)];

    /// <inheritdoc/>
    public override string ToString()
    {
        string name = Kind.ToString().ToLowerInvariant();
        return Kind switch
        {
            NvmeStepKind.Start or NvmeStepKind.Drain or NvmeStepKind.Wait or NvmeStepKind.Reset => name,
            NvmeStepKind.On or NvmeStepKind.Map or NvmeStepKind.Master => $"{name} {Value:x}",
            NvmeStepKind.Ring when Value == Tail => $"{name} {Place:x}",
            NvmeStepKind.Put => string.Join(' ', [name, $"{Place:x}", .. FieldsThatAreSet(Entry)]),
            _ => $"{name} {Place:x} {Value:x}",
        };
    }

    private static IEnumerable<string> FieldsThatAreSet(in SubmissionEntry entry) =>
        Fields(entry).Where(each => each.Value != 0).Select(each => $"{each.Name}={each.Value:x}");

    private static (string Name, ulong Value)[] Fields(SubmissionEntry entry) =>
    [
        ("op", entry.Opcode), ("flags", entry.Flags), ("cid", entry.CommandId), ("nsid", entry.NamespaceId), ("prp1", entry.Prp1),
        ("prp2", entry.Prp2), ("10", entry.Dword10), ("11", entry.Dword11), ("12", entry.Dword12), ("13", entry.Dword13), ("14", entry.Dword14),
        ("15", entry.Dword15),
    ];

    private static NvmeStep ParseLine(string line)
    {
        string[] words = line.Split(' ');
        NvmeStepKind kind = Enum.Parse<NvmeStepKind>(words[0], ignoreCase: true);
        ulong first = words.Length > 1 ? Number(words[1]) : 0;
        return kind switch
        {
            NvmeStepKind.On or NvmeStepKind.Map or NvmeStepKind.Master => new NvmeStep(kind, Value: first),
            NvmeStepKind.Ring => new NvmeStep(kind, first, words.Length > 2 ? Number(words[2]) : Tail),
            NvmeStepKind.Put => new NvmeStep(kind, first, Entry: ParseEntry(words[2..])),
            _ => new NvmeStep(kind, first, words.Length > 2 ? Number(words[2]) : 0),
        };
    }

    private static SubmissionEntry ParseEntry(string[] fields)
    {
        Dictionary<string, ulong> of = fields.Select(field => field.Split('=')).ToDictionary(pair => pair[0], pair => Number(pair[1]));
        ulong Of(string name) => of.GetValueOrDefault(name);
        return new SubmissionEntry
        {
            Opcode = (byte)Of("op"), Flags = (byte)Of("flags"), CommandId = (ushort)Of("cid"), NamespaceId = (uint)Of("nsid"), Prp1 = Of("prp1"),
            Prp2 = Of("prp2"), Dword10 = (uint)Of("10"), Dword11 = (uint)Of("11"), Dword12 = (uint)Of("12"), Dword13 = (uint)Of("13"),
            Dword14 = (uint)Of("14"), Dword15 = (uint)Of("15"),
        };
    }

    private static ulong Number(string word) => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
