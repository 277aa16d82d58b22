namespace SoftIov.Pcie;

/// <summary>What a base address register decodes; the low bits of the register say the same (PCI 3.0, 6.2.5.1).</summary>
public enum BarKind : byte
{
    /// <summary>Not implemented; reads 0.</summary>
    None,

    /// <summary>32-bit memory, not prefetchable.</summary>
    Memory32,

    /// <summary>64-bit memory, not prefetchable; takes the next register too.</summary>
    Memory64,

    /// <summary>64-bit memory, prefetchable; takes the next register too.</summary>
    Memory64Prefetchable,
}
