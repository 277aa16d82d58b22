using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>One net adapter as the operator wants it.</summary>
/// <param name="Name">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="TotalVfs">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="NumVfs">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="Uplink">Where the switch meets the world.</param>
/// <param name="Mtu">Largest frame payload of every function in bytes, 1280..65535.</param>
/// <param name="QueuePairs">Receive and transmit queue pairs of every function, 1..16.</param>
/// <param name="Mac">MAC address of the PF, and base of the VFs' own addresses; null for one made from the host's identity and the
/// name.</param>
/// <param name="AllowUnsealedMemory">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="SocketDirectory">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="Vfs">Policy of VFs by number; one that is not named has <see cref="NetVfSpec.Default"/>. Kept while the VF is not
/// enabled.</param>
/// <param name="Whole">As <see cref="AdapterSpec"/> has it.</param>
/// <param name="LineRateMegabits">What its functions can send together, in Mbit/s up to 1000000; 0 when nothing but the processor limits
/// them. Without it <see cref="NetVfSpec.MinTxRateMegabits"/> guarantees nothing.</param>
/// <param name="WholeInterrupts">As <see cref="AdapterSpec"/> has it.</param>
public sealed record NetAdapterSpec(
    string Name,
    int TotalVfs = 64,
    int NumVfs = 0,
    UplinkSpec? Uplink = null,
    int Mtu = 1500,
    int QueuePairs = 2,
    string? Mac = null,
    bool AllowUnsealedMemory = false,
    string? SocketDirectory = null,
    ImmutableSortedDictionary<int, NetVfSpec>? Vfs = null,
    bool Whole = false,
    int LineRateMegabits = 0,
    WholeInterruptMode WholeInterrupts = WholeInterruptMode.Messages)
    : AdapterSpec(Name, TotalVfs, NumVfs, QueuePairs, AllowUnsealedMemory, SocketDirectory, Whole, WholeInterrupts)
{
    /// <inheritdoc/>
    public override Personality Personality => Personality.Net;

    /// <summary>Where the switch meets the world.</summary>
    public UplinkSpec Uplink { get; init; } = Uplink ?? UplinkSpec.None;

    /// <summary>Policy of VFs by number.</summary>
    public ImmutableSortedDictionary<int, NetVfSpec> Vfs { get; init; } = Vfs ?? ImmutableSortedDictionary<int, NetVfSpec>.Empty;

    /// <inheritdoc/>
    [JsonIgnore]
    public override IEnumerable<int> NamedVfs => Vfs.Keys;

    /// <inheritdoc/>
    public override NetVfSpec Vf(int vf) => Vfs.GetValueOrDefault(vf, NetVfSpec.Default);

    /// <inheritdoc/>
    public override NetAdapterSpec WithVf(int vf, VfSpec spec) => this with { Vfs = Vfs.SetItem(vf, (NetVfSpec)spec) };
}
