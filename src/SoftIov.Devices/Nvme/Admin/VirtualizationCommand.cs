using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Virtualization Management (NVMe 1.4, 5.22): queues and interrupts for secondary controllers, online and offline.</summary>
internal sealed class VirtualizationCommand(NvmeController controller, DeferredCommands deferred)
{
    /// <summary>Waits for pollers when a controller goes offline: done by another thread.</summary>
    public CommandResult Execute(SubmissionQueue queue, in SubmissionEntry command)
    {
        uint dword10 = command.Dword10;
        uint dword11 = command.Dword11;
        return deferred.Start(queue, command, () =>
        {
            NvmeStatus status = controller.Subsystem.Secondaries.Execute(dword10, dword11, out uint changed);
            return new DeferredResult(status, changed);
        });
    }
}
