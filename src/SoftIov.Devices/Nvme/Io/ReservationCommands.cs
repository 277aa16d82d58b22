using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Reservation Register, Report, Acquire and Release (NVMe 1.4, 6.10 to 6.13): read by the poller, done by another thread, since what is to
/// survive a loss of power is saved first.
/// </summary>
internal sealed class ReservationCommands(NvmeController controller, AdminData data, DeferredCommands deferred)
{
    private const int KeyBytes = 8;

    /// <summary>Takes a command on a namespace.</summary>
    public CommandResult Execute(SubmissionQueue queue, in SubmissionEntry command, Namespace space)
    {
        HostId host = controller.State.Features.HostId;
        Reservations reservations = space.Reservations;
        uint dword10 = command.Dword10;
        var opcode = (NvmOpcode)command.Opcode;
        if (opcode == NvmOpcode.ReservationReport)
            return Report(queue, command, reservations, host);
        byte[] keys = new byte[opcode == NvmOpcode.ReservationRelease ? KeyBytes : 2 * KeyBytes];
        NvmeStatus status = data.Read(command, keys);
        if (status != NvmeStatus.Success)
            return status;
        return deferred.Start(queue, command, () => opcode switch
        {
            NvmOpcode.ReservationRegister => reservations.Register(host, dword10, keys),
            NvmOpcode.ReservationAcquire => reservations.Acquire(host, dword10, keys),
            _ => reservations.Release(host, dword10, keys),
        });
    }

    private CommandResult Report(SubmissionQueue queue, in SubmissionEntry command, Reservations reservations, HostId host)
    {
        long length = ((long)command.Dword10 + 1) * sizeof(uint);
        bool isExtended = (command.Dword11 & 1) != 0;
        if (length > TransferLimits.Bytes)
            return NvmeStatus.InvalidField;
        return deferred.Start(queue, command, () =>
        {
            byte[] report = new byte[length];
            return new DeferredResult(reservations.Report(host, isExtended, report), Data: report);
        });
    }
}
