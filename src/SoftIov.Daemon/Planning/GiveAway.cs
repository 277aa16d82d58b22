namespace SoftIov.Daemon.Planning;

/// <summary>Serves the adapter whole to one VM instead of its functions singly; there are no VFs.</summary>
internal sealed record GiveAway(string Adapter) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Action => "serve it whole";
}
