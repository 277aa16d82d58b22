using System.Buffers.Binary;
using SoftIov.Api;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>MAC addresses of functions that nobody gave one: the same after every restart, and others on every host.</summary>
internal static class HardwareAddresses
{
    private const ulong LocallyAdministered = 0x0200_0000_0000;
    private const ulong Group = 0x0100_0000_0000;
    private const ulong LowMask = 0xFF_FFFF;

    /// <summary>The PF's address; VF n has the one n + 1 further.</summary>
    public static MacAddress BaseOf(NetAdapterSpec adapter)
    {
        if (MacAddress.TryParse(adapter.Mac, out MacAddress given))
            return given;
        ulong value = BinaryPrimitives.ReadUInt64BigEndian(HostIdentity.HashFor(adapter.Name)) >> 16;
        return new MacAddress((value & ~Group) | LocallyAdministered);
    }

    /// <summary>The address <paramref name="step"/> further; only the lower three bytes count on, so the vendor's stay.</summary>
    public static MacAddress Next(MacAddress address, int step) =>
        new((address.Value & ~LowMask) | ((address.Value + (ulong)step) & LowMask));
}
