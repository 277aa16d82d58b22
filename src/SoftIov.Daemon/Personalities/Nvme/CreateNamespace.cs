using SoftIov.Api;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>Makes a namespace, empty, and attaches it; one that is there with this content is attached only.</summary>
internal sealed record CreateNamespace(string Adapter, int Id, NamespaceSpec Wanted) : AdapterChange(Adapter)
{
    /// <inheritdoc/>
    public override string Action => $"create namespace {Id}: {NamespaceText.Of(Wanted)}";
}
