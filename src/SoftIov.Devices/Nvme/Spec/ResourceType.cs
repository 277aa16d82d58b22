namespace SoftIov.Devices.Nvme.Spec;

/// <summary>What Virtualization Management moves between controllers (NVMe 2.0, 8.22).</summary>
internal enum ResourceType
{
    /// <summary>A virtual queue: one submission and one completion queue.</summary>
    VirtualQueue = 0,

    /// <summary>A virtual interrupt: one vector.</summary>
    VirtualInterrupt = 1,
}
