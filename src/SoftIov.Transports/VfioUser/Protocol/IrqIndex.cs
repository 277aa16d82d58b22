namespace SoftIov.Transports.VfioUser;

/// <summary>Interrupt indexes of a PCI device (linux/vfio.h, VFIO_PCI_*_IRQ_INDEX).</summary>
internal static class IrqIndex
{
    /// <summary>Interrupt pin.</summary>
    public const uint Intx = 0;

    /// <summary>MSI vectors.</summary>
    public const uint Msi = 1;

    /// <summary>MSI-X vectors.</summary>
    public const uint Msix = 2;

    /// <summary>Unrecoverable errors. Accepted and never fired: QEMU stops the whole machine for it.</summary>
    public const uint Error = 3;

    /// <summary>The server asks for the device back.</summary>
    public const uint Request = 4;

    /// <summary>Number of indexes.</summary>
    public const uint Count = 5;
}
