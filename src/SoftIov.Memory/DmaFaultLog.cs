namespace SoftIov.Memory;

/// <summary>Bounded ring of fault records in VT-d shape. When full, the overflow flag is set and the oldest records are kept.</summary>
public sealed class DmaFaultLog
{
    /// <summary>An empty log of <paramref name="capacity"/> records.</summary>
    public DmaFaultLog(int capacity) => throw new NotImplementedException();
}
