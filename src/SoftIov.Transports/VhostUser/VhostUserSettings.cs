namespace SoftIov.Transports.VhostUser;

/// <summary>Limits of a vhost-user server, the same for all its sockets.</summary>
public sealed record VhostUserSettings
{
    /// <summary>How long a connection may be silent at first; then it goes, and whoever waits behind it is served.</summary>
    public TimeSpan FirstWordTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long CHECK_DEVICE_STATE waits for the pipe of the state to be read or written; then the state counts as broken. Only its own
    /// front-end waits.
    /// </summary>
    public TimeSpan StateTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Memory files that one front-end may have mapped at a time: the kernel bounds the mappings of a whole process.</summary>
    public int MaximumFiles { get; init; } = 512;

    /// <summary>Bytes of memory files that one front-end may have mapped at a time: address space is shared by all.</summary>
    public long MaximumMappedBytes { get; init; } = 4L << 40;

    /// <summary>Memory files that all front-ends may have mapped together.</summary>
    public int TotalFiles { get; init; } = 16384;

    /// <summary>Bytes of memory files that all front-ends may have mapped together: a process has 128 TiB of addresses.</summary>
    public long TotalMappedBytes { get; init; } = 48L << 40;
}
