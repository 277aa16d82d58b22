using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>
/// One adapter as the operator wants it: what all personalities have. Keys and defaults: docs/guide/configuration.md.
/// </summary>
/// <param name="Name">Unique name: a letter, then up to 31 letters, digits or hyphens.</param>
/// <param name="TotalVfs">TotalVFs of the SR-IOV capability, 1..65535; cannot change while the adapter lives.</param>
/// <param name="NumVfs">Enabled VFs, 0..<see cref="TotalVfs"/>.</param>
/// <param name="QueuePairs">Queue pairs of every function, as its personality counts them.</param>
/// <param name="AllowUnsealedMemory">Maps guest memory although its owner could truncate it and so kill the daemon (decision D9).</param>
/// <param name="SocketDirectory">Directory of the functions' sockets; null for a directory of the adapter's name in the runtime
/// directory.</param>
/// <param name="Whole">The adapter is for one VM whole: PF and VFs are served behind one socket, and the kernel there enables VFs. Then
/// <paramref name="NumVfs"/> is 0: VFs are leased singly or the adapter whole, never both.</param>
/// <param name="WholeInterrupts">How interrupts reach the VM that has the adapter whole.</param>
[JsonConverter(typeof(AdapterSpecConverter))]
public abstract record AdapterSpec(
    string Name, int TotalVfs, int NumVfs, int QueuePairs, bool AllowUnsealedMemory, string? SocketDirectory, bool Whole,
    WholeInterruptMode WholeInterrupts)
{
    /// <summary>What its functions are.</summary>
    public abstract Personality Personality { get; }

    /// <summary>VFs that the operator spoke about, in order; kept while they are not enabled.</summary>
    [JsonIgnore]
    public abstract IEnumerable<int> NamedVfs { get; }

    /// <summary>JSON had a null where a value must be.</summary>
    [JsonIgnore]
    public virtual bool HasNulls => NamedVfs.Any(vf => Vf(vf) is null);

    /// <summary>What the operator wants of VF <paramref name="vf"/>.</summary>
    public abstract VfSpec Vf(int vf);

    /// <summary>The same adapter with another wish for one VF, which is of its personality.</summary>
    public abstract AdapterSpec WithVf(int vf, VfSpec spec);
}
