namespace SoftIov.Devices.Virtio;

/// <summary>What happened on a function's registers and queues since it was made; resets do not clear it.</summary>
public sealed class VirtioCounters
{
#pragma warning disable CA1051 // fields on purpose: counters are added to in place
    /// <summary>Doorbell writes that reached a running queue.</summary>
    public long Kicks;

    /// <summary>Queue interrupts asked for.</summary>
    public long QueueInterrupts;

    /// <summary>Configuration interrupts asked for.</summary>
    public long ConfigurationInterrupts;

    /// <summary>Device resets: status 0, function level reset, VF Enable.</summary>
    public long Resets;

    /// <summary>Times the device set DEVICE_NEEDS_RESET.</summary>
    public long Faults;
#pragma warning restore CA1051
}
