using System.Runtime.InteropServices;

namespace SoftIov.Devices.Nvme;

/// <summary>Current values of the features of one controller (NVMe 2.0, 5.27.1); a controller reset gives them their defaults.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FeatureState
{
    public uint Arbitration;
    public uint PowerManagement;
    public uint OverTemperature;
    public uint UnderTemperature;
    public uint ErrorRecovery;

    /// <summary>Non-zero: the volatile write cache is used.</summary>
    public uint VolatileWriteCache;
    public uint InterruptCoalescing;
    public uint WriteAtomicity;
    public uint AsyncEvents;

    /// <summary>Host Behavior Support: non-zero when the host heeds Command Retry Delay (ACRE). No command is ever given one.</summary>
    public byte AdvancedRetry;

    /// <summary>Milliseconds since 1970 that the host said, at <see cref="TimestampTicks"/>.</summary>
    public ulong TimestampMilliseconds;
    public long TimestampTicks;

    /// <summary>Non-zero: the host set the timestamp since the last reset.</summary>
    public uint TimestampOrigin;

    /// <summary>I/O queue pairs granted; 0 before the host asked: then all there are.</summary>
    public uint GrantedPairs;

    /// <summary>Host identifier, low and high half; 0 when not set.</summary>
    public ulong HostIdLow;
    public ulong HostIdHigh;

    /// <summary>Non-zero: it was given in 128 bits.</summary>
    public uint IsHostIdExtended;
    public uint ReservationNoticeMask;

    /// <summary>Vectors whose coalescing is disabled (feature 09h), a bit each.</summary>
    public VectorBits CoalescingDisabled;

    /// <summary>Who the host says it is.</summary>
    public readonly HostId HostId => new(new UInt128(HostIdHigh, HostIdLow), IsHostIdExtended != 0);

    /// <summary>Values at power-on and after a controller reset.</summary>
    public static FeatureState Default => new()
    {
        Arbitration = 7,
        OverTemperature = 343,
        VolatileWriteCache = 1,
    };
}
