namespace SoftIov.Devices.Nvme;

/// <summary>What a controller did since its function was made; resets do not clear it.</summary>
public sealed class NvmeCounters
{
#pragma warning disable CA1051 // fields on purpose: counters are added to in place
    /// <summary>Read commands that ended well.</summary>
    public long Reads;

    /// <summary>Bytes read.</summary>
    public long ReadBytes;

    /// <summary>Write commands that ended well.</summary>
    public long Writes;

    /// <summary>Bytes written.</summary>
    public long WriteBytes;

    /// <summary>Flush commands.</summary>
    public long Flushes;

    /// <summary>Other I/O commands: Write Zeroes, Dataset Management, Compare, Copy, Verify, reservations.</summary>
    public long OtherCommands;

    /// <summary>Admin commands.</summary>
    public long AdminCommands;

    /// <summary>Commands that ended with another status than success.</summary>
    public long Errors;

    /// <summary>Errors of the medium: reads and writes that the store failed.</summary>
    public long MediaErrors;

    /// <summary>Management commands that the store or the records failed: Internal Error.</summary>
    public long InternalErrors;

    /// <summary>Doorbell writes that came as messages.</summary>
    public long Doorbells;

    /// <summary>Doorbell values or queues that are none.</summary>
    public long InvalidDoorbells;

    /// <summary>Interrupts asked for.</summary>
    public long Interrupts;

    /// <summary>Controller and function resets.</summary>
    public long Resets;

    /// <summary>Times the controller went to CSTS.CFS.</summary>
    public long FatalErrors;
#pragma warning restore CA1051
}
