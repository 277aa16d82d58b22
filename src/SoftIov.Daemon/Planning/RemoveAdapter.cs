namespace SoftIov.Daemon.Planning;

/// <summary>Removes an adapter that has no VFs enabled; a client of its PF loses it.</summary>
internal sealed record RemoveAdapter(string Adapter) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Action => "remove the adapter";
}
