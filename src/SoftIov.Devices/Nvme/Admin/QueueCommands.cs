using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Creating and deleting I/O queues, and shadow doorbells (NVMe 2.0, 5.4 to 5.7 and 5.11). Poller only.</summary>
internal sealed class QueueCommands(NvmeController controller)
{
    private const ulong PageOffset = ControllerCapabilities.PageSize - 1;
    private const uint PhysicallyContiguous = 1;
    private const uint InterruptsEnabled = 2;
    private const int SubmissionEntryShift = 6;
    private const int CompletionEntryShift = 4;

    private ControllerConfiguration Configuration => new(controller.State.Configuration);

    /// <summary>Create I/O Completion Queue.</summary>
    public NvmeStatus CreateCompletion(in SubmissionEntry command)
    {
        var id = (ushort)command.Dword10;
        int entries = (int)(command.Dword10 >> 16) + 1;
        var vector = (ushort)(command.Dword11 >> 16);
        bool interrupts = (command.Dword11 & InterruptsEnabled) != 0;
        NvmeStatus status = CheckNew(id, entries, command, controller.Queues.Completion(id) is not null);
        if (status != NvmeStatus.Success)
            return status;
        if (Configuration.CompletionEntryShift != CompletionEntryShift)
            return NvmeStatus.InvalidQueueSize;

        // Without MSI-X or MSI there is the pin alone, which is vector 0 (NVMe 1.4, 5.3).
        int vectors = controller.Function.MessagesEnabled ? controller.VectorCount : 1;
        if (interrupts && vector >= vectors)
            return NvmeStatus.InvalidInterruptVector;
        controller.State.Completions[id] = new CompletionQueueState
        {
            Base = command.Prp1, Size = entries, Phase = 1, Vector = vector, InterruptsEnabled = interrupts ? 1 : 0,
        };
        controller.Doorbells.Clear((2 * id) + 1);
        return controller.Queues.AddCompletion(id).TryOpen() ? NvmeStatus.Success : Undo(id);
    }

    /// <summary>Create I/O Submission Queue.</summary>
    public NvmeStatus CreateSubmission(in SubmissionEntry command)
    {
        var id = (ushort)command.Dword10;
        int entries = (int)(command.Dword10 >> 16) + 1;
        var completions = (ushort)(command.Dword11 >> 16);
        if (completions == 0 || completions > controller.IoPairs)
            return NvmeStatus.InvalidQueueId;
        if (controller.Queues.Completion(completions) is null)
            return NvmeStatus.CompletionQueueInvalid;
        NvmeStatus status = CheckNew(id, entries, command, controller.Queues.Submission(id) is not null);
        if (status != NvmeStatus.Success)
            return status;
        if (Configuration.SubmissionEntryShift != SubmissionEntryShift)
            return NvmeStatus.InvalidQueueSize;
        controller.State.Submissions[id] = new SubmissionQueueState { Base = command.Prp1, Size = entries, CompletionQueue = completions };
        controller.Doorbells.Clear(2 * id);
        SubmissionQueue queue = controller.Queues.AddSubmission(id);
        if (queue.TryOpen())
            return NvmeStatus.Success;
        queue.RecordFault();
        controller.Queues.RemoveSubmission(id);
        return NvmeStatus.DataTransferError;
    }

    /// <summary>
    /// Delete I/O Submission Queue: completes when its commands under way have, and not before. The host takes them for over then, and what the
    /// store did late could undo what is written next.
    /// </summary>
    public CommandResult DeleteSubmission(in SubmissionEntry command)
    {
        var id = (ushort)command.Dword10;
        if (id == 0 || controller.Queues.Submission(id) is not { DeletedBy: null } queue)
            return NvmeStatus.InvalidQueueId;
        controller.Io.Abort(queue);
        if (queue.Outstanding > 0)
        {
            queue.DeletedBy = command.CommandId;
            return CommandResult.Pending;
        }

        controller.Queues.RemoveSubmission(id);
        return CommandResult.Done;
    }

    /// <summary>Delete I/O Completion Queue.</summary>
    public NvmeStatus DeleteCompletion(in SubmissionEntry command)
    {
        var id = (ushort)command.Dword10;
        if (id == 0 || controller.Queues.Completion(id) is not { } queue)
            return NvmeStatus.InvalidQueueId;
        if (queue.Users > 0)
            return NvmeStatus.InvalidQueueDeletion;
        controller.Queues.RemoveCompletion(id);
        return NvmeStatus.Success;
    }

    /// <summary>
    /// Doorbell Buffer Config: the host writes doorbells to its own memory from now on, and asks the events page when to ring. Refused where it is
    /// not offered (<see cref="NvmeController.OffersShadowDoorbells"/>), and while the pin interrupts.
    /// </summary>
    public NvmeStatus ConfigureDoorbellBuffer(in SubmissionEntry command)
    {
        if (controller is { OffersShadowDoorbells: false } or { HasPin: true, Function.MessagesEnabled: false })
            return NvmeStatus.InvalidOpcode;
        if (command.Prp1 == 0 || command.Prp2 == 0 || ((command.Prp1 | command.Prp2) & PageOffset) != 0)
            return NvmeStatus.InvalidField;
        controller.State.ShadowDoorbells = command.Prp1;
        controller.State.EventIndexes = command.Prp2;
        controller.Doorbells.Shadow(controller.Function.Dma, command.Prp1, command.Prp2);
        return NvmeStatus.Success;
    }

    private NvmeStatus CheckNew(ushort id, int entries, in SubmissionEntry command, bool exists)
    {
        if (id == 0 || id > controller.IoPairs || exists)
            return NvmeStatus.InvalidQueueId;
        if (entries is < 2 or > ControllerCapabilities.MaxQueueEntries)
            return NvmeStatus.InvalidQueueSize;
        if ((command.Dword11 & PhysicallyContiguous) == 0)
            return NvmeStatus.InvalidField;
        return (command.Prp1 & PageOffset) != 0 ? NvmeStatus.InvalidPrpOffset : NvmeStatus.Success;
    }

    private NvmeStatus Undo(ushort id)
    {
        controller.Queues.Completion(id)!.RecordFault();
        controller.Queues.RemoveCompletion(id);
        return NvmeStatus.DataTransferError;
    }
}
