namespace SoftIov.Lab.TestBed;

/// <summary>Which kernel a guest runs.</summary>
public enum GuestKernel
{
    /// <summary>That of this machine's Debian release, or the machine's own where there is no Debian archive.</summary>
    Stable,

    /// <summary>That of a newer suite, usually backports.</summary>
    Newer,

    /// <summary>
    /// The generic flavour of <see cref="Stable"/>'s release, larger and slower to boot: it has drivers that the cloud flavour lacks, such
    /// as vmd and pci-pf-stub.
    /// </summary>
    StableGeneric,

    /// <summary>The generic flavour of <see cref="Newer"/>'s suite.</summary>
    NewerGeneric,
}
