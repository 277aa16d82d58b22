using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// Admin commands one by one (NVMe base 2.0, 5). Those that return a <see cref="CompletionEntry"/> tell a failure by it; those that return what
/// was asked for throw a <see cref="NvmeException"/>.
/// </summary>
public sealed partial class AdminClient : CommandClient
{
    /// <summary>Bytes of all Identify data structures.</summary>
    public const int IdentifyLength = 4096;

    private const byte NumberOfQueues = 0x07;
    private const byte HostIdentifier = 0x81;

    internal AdminClient(SubmissionQueue queue, DriverMemory memory, NvmeOptions options)
        : base(queue, memory, options)
    {
    }

    /// <summary>Identify of any kind.</summary>
    public CompletionEntry Identify(IdentifyCns cns, Span<byte> data, uint namespaceId = 0, ushort controllerId = 0, byte commandSet = 0) =>
        Execute(AdminCommand.Identify(cns, namespaceId, controllerId, commandSet), data);

    /// <summary>The controller.</summary>
    public ControllerIdentity IdentifyController() => new(Identify(IdentifyCns.Controller));

    /// <summary>A namespace; all zero when it is not attached.</summary>
    public NamespaceIdentity IdentifyNamespace(uint namespaceId) => new(Identify(IdentifyCns.Namespace, namespaceId));

    /// <summary>Identification descriptors of a namespace.</summary>
    public IReadOnlyList<NamespaceDescriptor> DescribeNamespace(uint namespaceId) =>
        NamespaceDescriptor.Parse(Identify(IdentifyCns.NamespaceDescriptors, namespaceId));

    /// <summary>Get Log Page, as many bytes as <paramref name="data"/> has.</summary>
    public CompletionEntry GetLogPage(byte page, Span<byte> data, ulong offset = 0, bool retains = false, uint namespaceId = 0) =>
        Execute(AdminCommand.GetLogPage(page, data.Length, offset, retains, namespaceId), data);

    /// <summary>Set Features without data.</summary>
    public CompletionEntry SetFeature(byte feature, uint value, bool saves = false, uint namespaceId = 0) =>
        Execute(AdminCommand.SetFeatures(feature, value, saves, namespaceId));

    /// <summary>Get Features without data: 0 current, 1 default, 2 saved, 3 capabilities.</summary>
    public CompletionEntry GetFeature(byte feature, int select = 0, uint namespaceId = 0) =>
        Execute(AdminCommand.GetFeatures(feature, select, 0, namespaceId));

    /// <summary>Asks for I/O queues of each kind; how many pairs it got.</summary>
    public int RequestQueues(int count)
    {
        uint wanted = (uint)(count - 1);
        uint granted = SetFeature(NumberOfQueues, wanted | (wanted << 16)).Check("set the number of queues").Result;
        return (int)Math.Min(granted & 0xFFFF, granted >> 16) + 1;
    }

    /// <summary>Sets the extended host identifier, 16 bytes.</summary>
    public CompletionEntry SetHostIdentifier(ReadOnlySpan<byte> identifier) =>
        Send(AdminCommand.SetFeatures(HostIdentifier, 1), identifier);

    /// <summary>Create I/O Completion Queue.</summary>
    public CompletionEntry Create(CompletionQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        bool interrupts = queue.Interrupt is not null;
        return Execute(AdminCommand.CreateCompletionQueue(queue.Id, queue.Size, queue.Address, interrupts ? queue.Vector : 0, interrupts));
    }

    /// <summary>Create I/O Submission Queue.</summary>
    public CompletionEntry Create(SubmissionQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return Execute(AdminCommand.CreateSubmissionQueue(queue.Id, queue.Size, queue.Address, queue.Completions.Id));
    }

    /// <summary>Delete I/O Completion Queue.</summary>
    public CompletionEntry Delete(CompletionQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return Execute(AdminCommand.DeleteCompletionQueue(queue.Id));
    }

    /// <summary>Delete I/O Submission Queue.</summary>
    public CompletionEntry Delete(SubmissionQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return Execute(AdminCommand.DeleteSubmissionQueue(queue.Id));
    }

    /// <summary>Abort; bit 0 of the result is set when the command was not aborted.</summary>
    public CompletionEntry Abort(int submissionQueue, ushort commandId) => Execute(AdminCommand.Abort(submissionQueue, commandId));

    /// <summary>Leaves an Asynchronous Event Request with the controller; returns its command identifier.</summary>
    public ushort RequestEvent()
    {
        if (!Queue.TrySubmit(AdminCommand.AsyncEventRequest(), out ushort commandId, isHeld: true))
            throw new InvalidOperationException("No room for an event request.");

        Queue.Ring();
        return commandId;
    }

    /// <summary>Takes what came of an event request; false when nothing did. Its completion tells errors too.</summary>
    public bool TryTakeEvent(ushort commandId, out CompletionEntry done)
    {
        Queue.Completions.Poll();
        return Queue.TryTake(commandId, out done);
    }

    /// <summary>Format NVM.</summary>
    public CompletionEntry Format(uint namespaceId, int format = 0, int secureErase = 0) =>
        Execute(AdminCommand.FormatNvm(namespaceId, format, secureErase));

    /// <summary>Sanitize.</summary>
    public CompletionEntry Sanitize(int action) => Execute(AdminCommand.Sanitize(action));

    private byte[] Identify(IdentifyCns cns, uint namespaceId = 0, ushort controllerId = 0)
    {
        var data = new byte[IdentifyLength];
        Identify(cns, data, namespaceId, controllerId).Check($"identify {cns}");
        return data;
    }
}
