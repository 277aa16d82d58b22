namespace SoftIov.Daemon.Hosting;

/// <summary>Who has a function, or an adapter whole: what attach gave, until detach takes it back (decision D11).</summary>
/// <param name="Target">The function, as net0/3 or net0/pf, or the adapter.</param>
/// <param name="Owner">User id; null leaves it to configuration, and without one there to root and the daemon's own user.</param>
/// <param name="Transport">How the VF is served, of <see cref="Api.TransportName"/>; null leaves it to configuration.</param>
internal sealed record Lease(string Target, uint? Owner = null, string? Transport = null)
{
    /// <summary>For people.</summary>
    public override string ToString()
    {
        string owner = Owner is { } id ? $"user {id}" : "no user of its own";
        return $"{owner}, {Transport ?? (Target.Contains('/') ? "served as configured" : "served whole")}";
    }
}
