namespace SoftIov.Lab.Nvme;

/// <summary>ACT of Virtualization Management (NVMe base 2.0, 5.28).</summary>
public enum VirtualizationAction
{
    /// <summary>Flexible resources of the primary controller from its next reset on.</summary>
    AllocatePrimary = 1,

    /// <summary>Take a secondary controller offline.</summary>
    Offline = 7,

    /// <summary>Assign flexible resources to a secondary controller.</summary>
    Assign = 8,

    /// <summary>Bring a secondary controller online.</summary>
    Online = 9,
}
