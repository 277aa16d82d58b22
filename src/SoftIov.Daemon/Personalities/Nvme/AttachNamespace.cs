using SoftIov.Api;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>Attaches a namespace to the functions that shall have it, and detaches it from others.</summary>
internal sealed record AttachNamespace(string Adapter, int Id, NamespaceSpec Wanted) : AdapterChange(Adapter)
{
    /// <inheritdoc/>
    public override string Action => $"give namespace {Id} to {NamespaceText.Functions(Wanted)}";
}
