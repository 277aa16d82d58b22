using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Namespace Management and Attachment, Format NVM, Sanitize (NVMe 1.4, 5.20, 5.19, 5.23, 5.24): read and judged by the poller, done by
/// another thread, since they wait for media and for pollers.
/// </summary>
internal sealed class NamespaceCommands(NvmeController controller, AdminData data, DeferredCommands deferred)
{
    private const int PageBytes = 4096;

    private readonly byte[] _page = new byte[PageBytes];

    private NvmeSubsystem Subsystem => controller.Subsystem;

    /// <summary>Namespace Management.</summary>
    public CommandResult Manage(SubmissionQueue queue, in SubmissionEntry command)
    {
        const uint NvmCommandSet = 0;
        uint id = command.NamespaceId;
        switch (command.Dword10 & 0xf)
        {
            case 0 when command.Dword11 >> 24 != NvmCommandSet:
                return NvmeStatus.IoCommandSetNotSupported;
            case 0:
                return Create(queue, command);
            case 1:
                return deferred.Start(queue, command, () => Subsystem.Delete(id));
            default:
                return NvmeStatus.InvalidField;
        }
    }

    /// <summary>Namespace Attachment.</summary>
    public CommandResult Attach(SubmissionQueue queue, in SubmissionEntry command)
    {
        const int MaxControllers = 2047;
        uint select = command.Dword10 & 0xf;
        if (select > 1)
            return NvmeStatus.InvalidField;
        NvmeStatus status = data.Read(command, _page);
        if (status != NvmeStatus.Success)
            return status;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(_page);
        if (count is 0 or > MaxControllers)
            return NvmeStatus.ControllerListInvalid;
        var controllers = new ushort[count];
        for (int i = 0; i < count; i++)
            controllers[i] = BinaryPrimitives.ReadUInt16LittleEndian(_page.AsSpan((i + 1) * sizeof(ushort)));
        uint id = command.NamespaceId;
        return deferred.Start(queue, command, () => select == 0 ? Subsystem.Attach(id, controllers) : Subsystem.Detach(id, controllers));
    }

    /// <summary>Format NVM: a secondary controller formats what is attached to it and to nobody else.</summary>
    public CommandResult Format(SubmissionQueue queue, in SubmissionEntry command)
    {
        const uint ProtectionAndMetadata = 0x1f0;
        int format = (int)(command.Dword10 & 0xf) | ((int)(command.Dword10 >> 12 & 3) << 4);
        int erase = (int)(command.Dword10 >> 9) & 7;
        if (format >= LbaFormat.Count || (command.Dword10 & ProtectionAndMetadata) != 0)
            return NvmeStatus.InvalidFormat;
        if (erase > 2)
            return NvmeStatus.InvalidField;
        uint id = command.NamespaceId;
        return deferred.Start(queue, command, () => NvmeSubsystem.Format(controller.Id, id, format));
    }

    /// <summary>Sanitize: the whole subsystem.</summary>
    public CommandResult Sanitize(SubmissionQueue queue, in SubmissionEntry command)
    {
        uint action = command.Dword10 & 7;
        return deferred.Start(queue, command, () => NvmeSubsystem.Sanitize(action));
    }

    /// <summary>Fields of Identify Namespace that a host may set (NVMe 1.4, figure 261).</summary>
    private CommandResult Create(SubmissionQueue queue, in SubmissionEntry command)
    {
        NvmeStatus status = data.Read(command, _page);
        if (status != NvmeStatus.Success)
            return status;
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(_page);
        ulong capacity = BinaryPrimitives.ReadUInt64LittleEndian(_page.AsSpan(8));
        int format = _page[26] & 0xf;
        bool hasProtection = _page[29] != 0;
        bool isShared = (_page[30] & 1) != 0;
        if (size != capacity)
            return NvmeStatus.ThinProvisioningNotSupported;
        if (hasProtection)
            return NvmeStatus.InvalidFormat;
        return deferred.Start(queue, command, () =>
        {
            NvmeStatus created = Subsystem.Create(size, format, isShared, out uint id);
            return new DeferredResult(created, id);
        });
    }
}
