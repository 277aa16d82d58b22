namespace SoftIov.Pcie;

/// <summary>Why the PF driver gave up.</summary>
public enum PfDriverError
{
    /// <summary>No function answers behind the root port, or it has no SR-IOV capability.</summary>
    NoDevice,

    /// <summary>The capability contradicts itself; Linux refuses it with EIO.</summary>
    BadCapability,

    /// <summary>More VFs than TotalVFs, or fewer than one; ERANGE in Linux.</summary>
    OutOfRange,

    /// <summary>VFs are enabled: disable them first; EBUSY in Linux.</summary>
    Busy,

    /// <summary>The last VF's bus number is beyond 255; ENOMEM in Linux.</summary>
    NoBusNumbers,

    /// <summary>BARs do not fit the address space of the root complex; ENOMEM in Linux.</summary>
    NoAddressSpace,

    /// <summary>The device refused VF Enable.</summary>
    Refused,

    /// <summary>A VF did not answer within one second.</summary>
    Timeout,
}
