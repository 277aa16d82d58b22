namespace SoftIov.Transports.VfioUser;

/// <summary>Limits of a vfio-user server, the same for all its sockets.</summary>
public sealed record VfioUserSettings
{
    /// <summary>How long a connection may take to agree on a version; then it goes, and whoever waits behind it is served.</summary>
    public TimeSpan NegotiationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a client may take to answer a DMA message; then its session ends. A poller waits so long at most, and well below the 5 s
    /// after which clients give up on their own commands.
    /// </summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Memory files that one client may have mapped at a time: the kernel bounds the mappings of a whole process.</summary>
    public int MaximumFiles { get; init; } = 128;

    /// <summary>Bytes of memory files that one client may have mapped at a time: address space is shared by all.</summary>
    public long MaximumMappedBytes { get; init; } = 4L << 40;

    /// <summary>Memory files that all clients may have mapped together.</summary>
    public int TotalFiles { get; init; } = 16384;

    /// <summary>Bytes of memory files that all clients may have mapped together: a process has 128 TiB of addresses.</summary>
    public long TotalMappedBytes { get; init; } = 48L << 40;
}
