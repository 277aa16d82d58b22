namespace SoftIov.Devices.Virtio.Net;

/// <summary>How a function interrupts its driver.</summary>
public enum NetInterrupts
{
    /// <summary>MSI-X: a vector per queue and one for the configuration.</summary>
    Msix,

    /// <summary>One INTx pin, for clients that cannot unplug a function with MSI-X.</summary>
    Intx,

    /// <summary>MSI-X and, while the driver leaves it off, INTx. PFs only: a VF has no pin in its fabric view.</summary>
    MsixAndIntx,
}
