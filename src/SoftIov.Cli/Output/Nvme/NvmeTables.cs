using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Nvme adapters, their controllers and namespaces as tables.</summary>
internal static class NvmeTables
{
    /// <summary>Adapters.</summary>
    public static Table Adapters(IEnumerable<NvmeAdapterStatus> adapters)
    {
        var table = new Table("ADAPTER", "KIND", "VFS", "BACKING", "CAPACITY", "FREE", "QUEUES", "WHOLE", "STATE");
        foreach (NvmeAdapterStatus adapter in adapters)
        {
            table.Add(
                adapter.Name,
                StateCells.Word(adapter.Personality),
                StateCells.Vfs(adapter),
                adapter.Backing,
                ByteSize.About(adapter.Capacity),
                ByteSize.About(adapter.Unallocated),
                StateCells.Number(adapter.QueuePairs),
                StateCells.Whole(adapter),
                StateCells.State(adapter));
        }

        return table;
    }

    /// <summary>Controllers.</summary>
    public static Table Functions(IEnumerable<NvmeFunctionStatus> functions)
    {
        var table = new Table("FUNCTION", "RID", "CNTLID", "DRIVER", "QUEUES", "NAMESPACES", "ATTACHED", "POLICY");
        foreach (NvmeFunctionStatus function in functions)
        {
            table.Add(
                function.Target,
                function.RoutingId,
                StateCells.Number(function.ControllerId),
                Driver(function.Driver),
                StateCells.Number(function.IoQueues),
                function.Namespaces.Count == 0 ? Cell.None : string.Join(',', function.Namespaces),
                StateCells.Attached(function),
                PolicyText.Of(function.Policy, NvmeVfSpec.Default));
        }

        return table;
    }

    /// <summary>Namespaces of all adapters.</summary>
    public static Table Namespaces(IEnumerable<NvmeAdapterStatus> adapters)
    {
        var table = new Table("ADAPTER", "NSID", "SIZE", "BLOCK", "SHARED", "ORIGIN", "HELD-BY");
        foreach (NvmeAdapterStatus adapter in adapters)
        {
            foreach (NamespaceStatus one in adapter.Namespaces)
            {
                table.Add(
                    adapter.Name,
                    StateCells.Number(one.Id),
                    ByteSize.Show(one.Size),
                    StateCells.Number(one.BlockSize),
                    one.Shared ? "yes" : "no",
                    StateCells.Word(one.Origin),
                    one.AttachedTo.Count == 0 ? Cell.None : string.Join(',', one.AttachedTo));
            }
        }

        return table;
    }

    private static Cell Driver(string driver) => driver switch
    {
        "ready" => new Cell(driver, Tone.Good),
        "fatal" => new Cell(driver, Tone.Bad),
        "none" or "offline" => new Cell(driver, Tone.Muted),
        _ => driver,
    };
}
