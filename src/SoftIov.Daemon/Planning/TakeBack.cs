namespace SoftIov.Daemon.Planning;

/// <summary>Ends what <see cref="GiveAway"/> began: VFs that the client enabled go, the PF is served again.</summary>
internal sealed record TakeBack(string Adapter) : Step(Adapter)
{
    /// <inheritdoc/>
    public override string Action => "serve its functions singly";
}
