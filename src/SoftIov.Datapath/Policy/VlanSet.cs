namespace SoftIov.Datapath;

/// <summary>A set of VLAN ids 0..4095. Immutable value.</summary>
public sealed class VlanSet : IEquatable<VlanSet>
{
    private readonly ulong[] _bits = new ulong[64];

    private VlanSet()
    {
    }

    /// <summary>Every id.</summary>
    public static VlanSet All { get; } = Create(fill: true);

    /// <summary>No id.</summary>
    public static VlanSet Empty { get; } = Create(fill: false);

    /// <summary>Whether <paramref name="vlan"/> (12 bits) is in the set.</summary>
    public bool Contains(int vlan) => (_bits[(vlan >> 6) & 63] >> (vlan & 63) & 1) != 0;

    /// <summary>The set with <paramref name="vlan"/> added or removed.</summary>
    public VlanSet With(int vlan, bool present)
    {
        var copy = new VlanSet();
        _bits.CopyTo(copy._bits, 0);
        ulong bit = 1UL << (vlan & 63);
        ref ulong word = ref copy._bits[(vlan >> 6) & 63];
        word = present ? word | bit : word & ~bit;
        return copy;
    }

    /// <summary>The set of the ids given.</summary>
    public static VlanSet Of(params ReadOnlySpan<int> vlans)
    {
        VlanSet set = Create(fill: false);
        foreach (int vlan in vlans)
        {
            set._bits[(vlan >> 6) & 63] |= 1UL << (vlan & 63);
        }

        return set;
    }

    /// <inheritdoc/>
    public bool Equals(VlanSet? other) => other is not null && _bits.AsSpan().SequenceEqual(other._bits);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VlanSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (ulong word in _bits)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }

    private static VlanSet Create(bool fill)
    {
        var set = new VlanSet();
        set._bits.AsSpan().Fill(fill ? ulong.MaxValue : 0);
        return set;
    }
}
