namespace SoftIov.Transports.Backings;

/// <summary>What a block store's bytes are kept in.</summary>
public enum BackingKind
{
    /// <summary>Memory of the daemon: gone with it.</summary>
    Memory,

    /// <summary>A file.</summary>
    File,

    /// <summary>A block device of the host.</summary>
    Block,

    /// <summary>Nothing.</summary>
    Null,
}
