using SoftIov.Api;

namespace SoftIov.Cli.Output;

/// <summary>Current state as tables: of each personality adapters, then functions.</summary>
internal static class StateTables
{
    /// <summary>All tables that have rows; of one function only its own.</summary>
    /// <param name="state">The daemon's answer.</param>
    /// <param name="target">What was asked for; null for all.</param>
    public static IReadOnlyList<Table> Of(GetResult state, string? target)
    {
        bool oneFunction = target?.Contains('/', StringComparison.Ordinal) == true;
        FunctionStatus[] functions = [.. state.Adapters.SelectMany(a => a.Functions)];
        Table[] tables =
        [
            NetTables.Adapters(oneFunction ? [] : state.Adapters.OfType<NetAdapterStatus>()),
            NetTables.Functions(functions.OfType<NetFunctionStatus>()),
            NvmeTables.Adapters(oneFunction ? [] : state.Adapters.OfType<NvmeAdapterStatus>()),
            NvmeTables.Functions(functions.OfType<NvmeFunctionStatus>()),
            NvmeTables.Namespaces(oneFunction ? [] : state.Adapters.OfType<NvmeAdapterStatus>()),
        ];
        return [.. tables.Where(t => t.Rows.Count > 0)];
    }
}
