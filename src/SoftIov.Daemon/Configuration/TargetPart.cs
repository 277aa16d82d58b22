namespace SoftIov.Daemon.Configuration;

/// <summary>Which part of an adapter a target names.</summary>
internal enum TargetPart
{
    /// <summary>All of it.</summary>
    Adapter,

    /// <summary>The physical function.</summary>
    Pf,

    /// <summary>A virtual function.</summary>
    Vf,

    /// <summary>The uplink port of the switch.</summary>
    Uplink,
}
