using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>Deletes a namespace and its data.</summary>
internal sealed record DeleteNamespace(string Adapter, int Id) : AdapterChange(Adapter)
{
    /// <inheritdoc/>
    public override string Action => $"delete namespace {Id} and its data";
}
