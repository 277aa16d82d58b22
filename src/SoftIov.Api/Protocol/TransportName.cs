namespace SoftIov.Api;

/// <summary>How requests, settings and status name the ways in which a VMM can have a function.</summary>
public static class TransportName
{
    /// <summary>The PCI function that it is.</summary>
    public const string VfioUser = "vfio-user";

    /// <summary>Its rings, for a device of the VMM's own.</summary>
    public const string VhostUser = "vhost-user";
}
