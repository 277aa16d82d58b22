namespace SoftIov.Lab.VfioUser;

/// <summary>How a client behaves.</summary>
public sealed record VfioUserClientOptions
{
    /// <summary>JSON of VERSION, as QEMU 11.1 sends it; null sends none at all.</summary>
    public string? Capabilities { get; init; } =
        """{"capabilities":{"pgsizes":4096,"max_msg_fds":16,"max_dma_maps":65535,"max_data_xfer_size":1048576,"""
        + """ "migration":{"max_bitmap_size":268435456,"pgsize":4096},"write_multiple":true}}""";

    /// <summary>Version proposed; the major one is 0.</summary>
    public ushort MinorVersion { get; init; }

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Serves DMA_READ and DMA_WRITE, on a thread of the client's own that reads whenever nobody waits for an answer; null starts no such
    /// thread and answers ENODEV, when somebody waits for an answer.
    /// </summary>
    public IClientMemory? Memory { get; init; }

    /// <summary>What DMA_WRITE is answered with behind the header: 0, 12 or 16 bytes have been seen in the wild.</summary>
    public int WriteAnswerLength { get; init; } = 16;
}
