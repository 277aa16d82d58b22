using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>Changes what an adapter's functions can send together, under running guests.</summary>
internal sealed record ChangeLineRate(string Adapter, int Megabits) : AdapterChange(Adapter)
{
    /// <inheritdoc/>
    public override string Action => Megabits == 0 ? "take the line rate away" : $"set the line rate to {Megabits} Mbit/s";
}
