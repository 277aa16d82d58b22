namespace SoftIov.Lab.TestBed;

/// <summary>How QEMU runs guest instructions.</summary>
public enum Accelerator
{
    /// <summary>Translated by QEMU; works everywhere.</summary>
    Tcg,

    /// <summary>By the CPU.</summary>
    Kvm,
}
