namespace SoftIov.Datapath;

/// <summary>What a block store is asked to do.</summary>
public enum BlockOperation : byte
{
    /// <summary>Bytes of the store go to the buffer.</summary>
    Read,

    /// <summary>Bytes of the buffer go to the store.</summary>
    Write,

    /// <summary>All that was written and answered before is on stable media when this is answered.</summary>
    Flush,

    /// <summary>The range reads as zeroes; its space stays allocated.</summary>
    WriteZeroes,

    /// <summary>The range reads as zeroes, and its space goes back to whoever lent it.</summary>
    Deallocate,
}
