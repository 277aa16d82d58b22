using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Current state as tables: adapters, then functions.</summary>
internal static class StateTables
{
    /// <summary>Both tables; of one function only its own.</summary>
    /// <param name="state">The daemon's answer.</param>
    /// <param name="target">What was asked for; null for all.</param>
    public static IReadOnlyList<Table> Of(GetResult state, string? target)
    {
        bool oneFunction = target?.Contains('/', StringComparison.Ordinal) == true;
        Table functions = Functions(state.Adapters.SelectMany(a => a.Functions));
        if (oneFunction)
        {
            return [functions];
        }

        return functions.Rows.Count == 0 ? [Adapters(state.Adapters)] : [Adapters(state.Adapters), functions];
    }

    private static Table Adapters(IEnumerable<AdapterStatus> adapters)
    {
        var table = new Table("ADAPTER", "KIND", "VFS", "MTU", "QUEUES", "UPLINK", "WHOLE", "STATE");
        foreach (AdapterStatus adapter in adapters)
        {
            table.Add(
                adapter.Name,
                Word(adapter.Personality),
                $"{Number(adapter.NumVfs)}/{Number(adapter.TotalVfs)}",
                Number(adapter.Mtu),
                Number(adapter.QueuePairs),
                Uplink(adapter.Uplink),
                adapter.WholeSocket is null ? Cell.None : adapter.Whole is { } owner ? Client(owner) : "free",
                adapter.Problem is { } problem ? new Cell(problem, Tone.Bad) : new Cell("ok", Tone.Good));
        }

        return table;
    }

    private static Table Functions(IEnumerable<FunctionStatus> functions)
    {
        var table = new Table("FUNCTION", "RID", "MAC", "LINK", "DRIVER", "ATTACHED", "POLICY");
        foreach (FunctionStatus function in functions)
        {
            table.Add(
                function.Target,
                function.RoutingId,
                function.Mac,
                Link(function.LinkUp),
                Driver(function.Driver),
                function.Attachment is { } client ? Client(client) : Cell.None,
                PolicyText.Of(function.Policy) is { Length: > 0 } policy ? policy : Cell.None);
        }

        return table;
    }

    private static Cell Client(AttachmentStatus client) => $"{client.Command ?? client.By}:{Number(client.ProcessId)}";

    private static Cell Uplink(UplinkStatus uplink)
    {
        if (uplink.Kind == UplinkKind.None)
        {
            return Cell.None;
        }

        string text = $"{Word(uplink.Kind)}:{uplink.Name}";
        return uplink.LinkUp ? text : new Cell($"{text}(down)", Tone.Warning);
    }

    private static Cell Link(bool up) => up ? new Cell("up", Tone.Good) : new Cell("down", Tone.Warning);

    private static Cell Driver(string driver) => driver switch
    {
        "driver-ok" => new Cell(driver, Tone.Good),
        "needs-reset" or "failed" => new Cell(driver, Tone.Bad),
        "none" => new Cell(driver, Tone.Muted),
        _ => driver,
    };

    private static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
