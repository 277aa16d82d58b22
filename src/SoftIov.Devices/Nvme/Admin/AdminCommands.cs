using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Commands of the admin queue (NVMe 2.0, 5): who does which. Poller only; what takes long is deferred.</summary>
internal sealed class AdminCommands
{
    private readonly NvmeController _controller;
    private readonly QueueCommands _queues;
    private readonly IdentifyCommand _identify;
    private readonly LogPages _logs;
    private readonly Features _features;
    private readonly NamespaceCommands _namespaces;
    private readonly VirtualizationCommand _virtualization;

    /// <summary>Commands of one controller.</summary>
    public AdminCommands(NvmeController controller, AdminData data, DeferredCommands deferred, TimeProvider time)
    {
        _controller = controller;
        _queues = new QueueCommands(controller);
        _identify = new IdentifyCommand(controller, data);
        _logs = new LogPages(controller, data, time);
        _features = new Features(controller, data, deferred, time);
        _namespaces = new NamespaceCommands(controller, data, deferred);
        _virtualization = new VirtualizationCommand(controller, deferred);
    }

    /// <summary>Takes a command.</summary>
    public CommandResult Execute(SubmissionQueue queue, in SubmissionEntry command)
    {
        const byte FuseAndPsdt = 0xc3;
        Interlocked.Increment(ref _controller.Counters.AdminCommands);
        if ((command.Flags & FuseAndPsdt) != 0)
            return NvmeStatus.InvalidField;
        return (AdminOpcode)command.Opcode switch
        {
            AdminOpcode.DeleteSubmissionQueue => _queues.DeleteSubmission(command),
            AdminOpcode.CreateSubmissionQueue => _queues.CreateSubmission(command),
            AdminOpcode.DeleteCompletionQueue => _queues.DeleteCompletion(command),
            AdminOpcode.CreateCompletionQueue => _queues.CreateCompletion(command),
            AdminOpcode.DoorbellBufferConfig => _queues.ConfigureDoorbellBuffer(command),
            AdminOpcode.GetLogPage => _logs.Get(command),
            AdminOpcode.Identify => _identify.Execute(command),
            AdminOpcode.Abort => Abort(queue, command),
            AdminOpcode.SetFeatures => _features.Set(queue, command),
            AdminOpcode.GetFeatures => _features.Get(command),
            AdminOpcode.AsyncEventRequest => Park(queue, command),
            AdminOpcode.KeepAlive => CommandResult.Done,
            AdminOpcode.NamespaceManagement when !_controller.IsSecondary => _namespaces.Manage(queue, command),
            AdminOpcode.NamespaceAttachment when !_controller.IsSecondary => _namespaces.Attach(queue, command),
            AdminOpcode.FormatNvm => _namespaces.Format(queue, command),
            AdminOpcode.Sanitize when !_controller.IsSecondary => _namespaces.Sanitize(queue, command),
            AdminOpcode.VirtualizationManagement when !_controller.IsSecondary => _virtualization.Execute(queue, command),
            _ => NvmeStatus.InvalidOpcode,
        };
    }

    /// <summary>Only parked requests can be aborted: everything else is done at once, or by a store that takes nothing back.</summary>
    private CommandResult Abort(SubmissionQueue queue, in SubmissionEntry command)
    {
        const uint NotAborted = 1;
        var commandId = (ushort)(command.Dword10 >> 16);
        if ((ushort)command.Dword10 != 0 || !queue.Completions.TryReserve())
            return new CommandResult(NvmeStatus.Success, NotAborted);
        if (!_controller.Events.TryAbort(commandId))
        {
            queue.Completions.Release();
            return new CommandResult(NvmeStatus.Success, NotAborted);
        }

        _controller.Complete(queue, commandId, NvmeStatus.AbortRequested);
        return CommandResult.Done;
    }

    private CommandResult Park(SubmissionQueue queue, in SubmissionEntry command)
    {
        if (!_controller.Events.TryPark(command.CommandId))
            return NvmeStatus.EventRequestLimitExceeded;
        queue.Completions.Release();
        return CommandResult.Pending;
    }
}
