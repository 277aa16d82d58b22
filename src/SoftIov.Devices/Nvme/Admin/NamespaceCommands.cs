using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Namespace Management and Attachment, Format NVM, Sanitize (NVMe 1.4, 5.20, 5.19, 5.23, 5.24): read by the poller, judged and done by
/// another thread, since they wait for media and for pollers.
/// </summary>
internal sealed class NamespaceCommands(NvmeController controller, AdminData data, DeferredCommands deferred)
{
    private NvmeSubsystem Subsystem => controller.Subsystem;

    private HostId Host => controller.State.Features.HostId;

    /// <summary>Namespace Management.</summary>
    public CommandResult Manage(SubmissionQueue queue, in SubmissionEntry command)
    {
        bool isCreation = (command.Dword10 & 0xf) == 0;
        var page = new byte[isCreation ? NvmeSubsystem.ManagementLength : 0];
        NvmeStatus status = isCreation ? data.Read(command, page) : NvmeStatus.Success;
        if (status != NvmeStatus.Success)
            return status;
        (HostId host, uint id, uint dword10, uint dword11) = (Host, command.NamespaceId, command.Dword10, command.Dword11);
        return deferred.Start(queue, command, () =>
        {
            NvmeStatus managed = Subsystem.Manage(host, id, dword10, dword11, page, out uint created);
            return new DeferredResult(managed, created);
        });
    }

    /// <summary>Namespace Attachment.</summary>
    public CommandResult Attach(SubmissionQueue queue, in SubmissionEntry command)
    {
        var page = new byte[NvmeSubsystem.ManagementLength];
        NvmeStatus status = data.Read(command, page);
        if (status != NvmeStatus.Success)
            return status;
        (uint id, uint dword10) = (command.NamespaceId, command.Dword10);
        return deferred.Start(queue, command, () => Subsystem.ManageAttachment(id, dword10, page));
    }

    /// <summary>Format NVM.</summary>
    public CommandResult Format(SubmissionQueue queue, in SubmissionEntry command)
    {
        (HostId host, uint id, uint dword10) = (Host, command.NamespaceId, command.Dword10);
        return deferred.Start(queue, command, () => Subsystem.Format(controller.Id, host, id, dword10));
    }

    /// <summary>Sanitize: the whole subsystem.</summary>
    public CommandResult Sanitize(SubmissionQueue queue, in SubmissionEntry command)
    {
        uint dword10 = command.Dword10;
        return deferred.Start(queue, command, () => Subsystem.Sanitize(dword10));
    }
}
