namespace SoftIov.Devices.Nvme;

/// <summary>Who a host says it is (feature 81h), in 64 or 128 bits: the registrant of reservations. All zero when it did not say.</summary>
/// <param name="Value">The identifier, read as a little-endian number.</param>
/// <param name="IsExtended">True when it was given in 128 bits.</param>
internal readonly record struct HostId(UInt128 Value, bool IsExtended)
{
    /// <summary>True when the host did not say.</summary>
    public bool IsUnset => Value == 0;

    /// <summary>One host is one host, whatever the length of its identifier.</summary>
    public bool Equals(HostId other) => Value == other.Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();
}
