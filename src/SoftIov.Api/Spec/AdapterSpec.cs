using System.Collections.Immutable;

namespace SoftIov.Api;

/// <summary>One adapter as the operator wants it. Keys and defaults: docs/guide/configuration.md.</summary>
/// <param name="Name">Unique name: a letter, then up to 31 letters, digits or hyphens.</param>
/// <param name="Personality">What its functions are.</param>
/// <param name="TotalVfs">TotalVFs of the SR-IOV capability, 1..65535; cannot change while the adapter lives.</param>
/// <param name="NumVfs">Enabled VFs, 0..<see cref="TotalVfs"/>.</param>
/// <param name="Uplink">Where the switch meets the world.</param>
/// <param name="Mtu">Largest frame payload of every function in bytes, 1280..65535.</param>
/// <param name="QueuePairs">Receive and transmit queue pairs of every function, 1..16.</param>
/// <param name="Mac">MAC address of the PF, and base of the VFs' own addresses; null for one made from the host's identity and the
/// name.</param>
/// <param name="AllowUnsealedMemory">Maps guest memory although its owner could truncate it and so kill the daemon (decision D9).</param>
/// <param name="SocketDirectory">Directory of the functions' sockets; null for a directory of the adapter's name in the runtime
/// directory.</param>
/// <param name="Vfs">Policy of VFs by number; one that is not named has <see cref="VfSpec.Default"/>. Kept while the VF is not
/// enabled.</param>
/// <param name="Whole">The adapter is for one VM whole: PF and VFs are served behind one socket, and the kernel there enables VFs. Then
/// <paramref name="NumVfs"/> is 0: VFs are leased singly or the adapter whole, never both.</param>
/// <param name="LineRateMegabits">What its functions can send together, in Mbit/s up to 1000000; 0 when nothing but the processor limits
/// them. Without it <see cref="VfSpec.MinTxRateMegabits"/> guarantees nothing.</param>
/// <param name="WholeInterrupts">How interrupts reach the VM that has the adapter whole.</param>
public sealed record AdapterSpec(
    string Name,
    Personality Personality = Personality.Net,
    int TotalVfs = 64,
    int NumVfs = 0,
    UplinkSpec? Uplink = null,
    int Mtu = 1500,
    int QueuePairs = 2,
    string? Mac = null,
    bool AllowUnsealedMemory = false,
    string? SocketDirectory = null,
    ImmutableSortedDictionary<int, VfSpec>? Vfs = null,
    bool Whole = false,
    int LineRateMegabits = 0,
    WholeInterruptMode WholeInterrupts = WholeInterruptMode.Messages)
{
    /// <summary>Where the switch meets the world.</summary>
    public UplinkSpec Uplink { get; init; } = Uplink ?? UplinkSpec.None;

    /// <summary>Policy of VFs by number.</summary>
    public ImmutableSortedDictionary<int, VfSpec> Vfs { get; init; } = Vfs ?? ImmutableSortedDictionary<int, VfSpec>.Empty;

    /// <summary>Policy of VF <paramref name="vf"/>.</summary>
    public VfSpec Vf(int vf) => Vfs.GetValueOrDefault(vf, VfSpec.Default);
}
