using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Cells that the tables of all personalities have.</summary>
internal static class StateCells
{
    /// <summary>Enabled and possible VFs.</summary>
    public static Cell Vfs(AdapterStatus adapter) => $"{Number(adapter.NumVfs)}/{Number(adapter.TotalVfs)}";

    /// <summary>Who has the adapter whole.</summary>
    public static Cell Whole(AdapterStatus adapter) =>
        adapter.WholeSocket is null ? Cell.None : adapter.Whole is { } owner ? Client(owner) : "free";

    /// <summary>What is wrong with it.</summary>
    public static Cell State(AdapterStatus adapter) =>
        adapter.Problem is { } problem ? new Cell(problem, Tone.Bad) : new Cell("ok", Tone.Good);

    /// <summary>Who has the function.</summary>
    public static Cell Attached(FunctionStatus function) => function.Attachment is { } client ? Client(client) : Cell.None;

    /// <summary>A word of an enumeration.</summary>
    public static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>A number.</summary>
    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Cell Client(AttachmentStatus client) => $"{client.Command ?? client.By}:{Number(client.ProcessId)}";
}
