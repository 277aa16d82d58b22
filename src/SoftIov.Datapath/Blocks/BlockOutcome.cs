namespace SoftIov.Datapath;

/// <summary>How a request to a block store went.</summary>
public enum BlockOutcome : byte
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>The medium failed to read or write.</summary>
    MediumError,

    /// <summary>No space is left for what was written (a sparse file on a full file system).</summary>
    NoSpace,

    /// <summary>The store cannot do this.</summary>
    NotSupported,
}
