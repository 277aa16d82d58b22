namespace SoftIov.Lab.TestBed;

/// <summary>Which kernel a guest runs.</summary>
public enum GuestKernel
{
    /// <summary>That of this machine's Debian release, or the machine's own where there is no Debian archive.</summary>
    Stable,

    /// <summary>That of a newer suite, usually backports.</summary>
    Newer,
}
