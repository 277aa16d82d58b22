namespace SoftIov.Devices.Nvme;

/// <summary>Interrupts a controller has.</summary>
public enum NvmeInterrupts
{
    /// <summary>MSI-X, a vector for each queue pair.</summary>
    Msix,

    /// <summary>MSI, up to 32 vectors; QEMU can unplug such a function.</summary>
    Msi,

    /// <summary>The pin alone; QEMU can unplug such a function.</summary>
    Intx,
}
