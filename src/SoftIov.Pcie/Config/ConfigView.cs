namespace SoftIov.Pcie;

/// <summary>The two projections of a function (decision D1).</summary>
public enum ConfigView
{
    /// <summary>As the bus shows it: a VF has IDs FFFFh and no BARs, a PF shows its SR-IOV capability.</summary>
    Fabric,

    /// <summary>As a VMM shows it to a guest: an ordinary endpoint with IDs and BARs of its own.</summary>
    Assigned,
}
