using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Net adapters and their functions as tables.</summary>
internal static class NetTables
{
    /// <summary>Adapters.</summary>
    public static Table Adapters(IEnumerable<NetAdapterStatus> adapters)
    {
        var table = new Table("ADAPTER", "KIND", "VFS", "MTU", "QUEUES", "UPLINK", "WHOLE", "STATE");
        foreach (NetAdapterStatus adapter in adapters)
        {
            table.Add(
                adapter.Name,
                StateCells.Word(adapter.Personality),
                StateCells.Vfs(adapter),
                StateCells.Number(adapter.Mtu),
                StateCells.Number(adapter.QueuePairs),
                Uplink(adapter.Uplink),
                StateCells.Whole(adapter),
                StateCells.State(adapter));
        }

        return table;
    }

    /// <summary>Functions.</summary>
    public static Table Functions(IEnumerable<NetFunctionStatus> functions)
    {
        var table = new Table("FUNCTION", "RID", "MAC", "LINK", "DRIVER", "ATTACHED", "POLICY");
        foreach (NetFunctionStatus function in functions)
        {
            table.Add(
                function.Target,
                function.RoutingId,
                function.Mac,
                Link(function.LinkUp),
                Driver(function.Driver),
                StateCells.Attached(function),
                PolicyText.Of(function.Policy, NetVfSpec.Default));
        }

        return table;
    }

    private static Cell Uplink(UplinkStatus uplink)
    {
        if (uplink.Kind == UplinkKind.None)
        {
            return Cell.None;
        }

        string text = $"{StateCells.Word(uplink.Kind)}:{uplink.Name}";
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
}
