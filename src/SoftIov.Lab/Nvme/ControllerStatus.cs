namespace SoftIov.Lab.Nvme;

/// <summary>CSTS (NVMe base 2.0, 3.1.3.6).</summary>
/// <param name="Value">All 32 bits.</param>
public readonly record struct ControllerStatus(uint Value)
{
    /// <summary>NSSRO as it is written to clear it.</summary>
    public const uint SubsystemResetOccurred = 1 << 4;

    /// <summary>RDY.</summary>
    public bool IsReady => (Value & 1) != 0;

    /// <summary>CFS.</summary>
    public bool IsFatal => (Value & 2) != 0;

    /// <summary>SHST: 0 normal, 1 going on, 2 complete.</summary>
    public int Shutdown => (int)(Value >> 2) & 3;

    /// <summary>NSSRO.</summary>
    public bool WasSubsystemReset => (Value & SubsystemResetOccurred) != 0;

    /// <summary>All ones: the function does not answer.</summary>
    public bool IsGone => Value == uint.MaxValue;
}
