using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Reservation Register, Report, Acquire and Release (NVM command set 1.0, 3.2).</summary>
internal sealed class ReservationCommands(NvmeController controller, AdminData data)
{
    /// <summary>Takes a command on a namespace.</summary>
    public CommandResult Execute(in SubmissionEntry command, Namespace space)
    {
        _ = controller;
        _ = data;
        return NvmeStatus.InvalidOpcode;
    }
}
