using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>Sends commands one by one and waits for each; data go through a buffer of its own. Shares the queue with others of its thread.</summary>
public abstract class CommandClient
{
    private const int ToController = 1;

    private readonly DriverMemory _memory;
    private readonly NvmeOptions _options;
    private readonly PrpList _list;

    private protected CommandClient(SubmissionQueue queue, DriverMemory memory, NvmeOptions options)
    {
        Queue = queue;
        _memory = memory;
        _options = options;
        DataAddress = memory.Allocate(options.DataLength, options.Page);
        // A page of a list describes at least 511 pages.
        _list = new PrpList(memory, 1 + (options.DataLength / options.Page / ((options.Page / sizeof(ulong)) - 1)), options.Page);
    }

    /// <summary>The queue.</summary>
    public SubmissionQueue Queue { get; }

    /// <summary>Where the buffer is: <see cref="NvmeOptions.DataLength"/> bytes that start a page.</summary>
    public ulong DataAddress { get; }

    /// <summary>The buffer's bytes.</summary>
    public Span<byte> Data => _memory.Span(DataAddress, _options.DataLength);

    /// <summary>Sends a command as it is, but for its identifier, and waits. Throws <see cref="TimeoutException"/>.</summary>
    public CompletionEntry Execute(in SubmissionEntry entry) => Queue.Execute(entry, _options.Timeout);

    /// <summary>
    /// Sends a command with data and waits: <paramref name="data"/> is copied to the buffer before or from it afterwards, as the opcode says
    /// (NVMe base 2.0, 3.3.3.1). What a failed command was to fetch stays as it was.
    /// </summary>
    public CompletionEntry Execute(in SubmissionEntry entry, Span<byte> data)
    {
        if ((entry.Opcode & ToController) != 0)
            return Send(entry, data);

        CompletionEntry done = Execute(entry.At(_list.Describe(DataAddress, data.Length)));
        if (done.Status.IsSuccess)
            Data[..data.Length].CopyTo(data);
        return done;
    }

    /// <summary>Sends a command with data for the controller and waits.</summary>
    public CompletionEntry Send(in SubmissionEntry entry, ReadOnlySpan<byte> data)
    {
        data.CopyTo(Data);
        return Execute(entry.At(_list.Describe(DataAddress, data.Length)));
    }
}
