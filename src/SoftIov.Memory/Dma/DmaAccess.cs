namespace SoftIov.Memory;

/// <summary>What a DMA access does, or what a mapping permits.</summary>
[Flags]
public enum DmaAccess : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The device reads memory.</summary>
    Read = 1,

    /// <summary>The device writes memory.</summary>
    Write = 2,
}
