using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Get Log Page (NVMe 2.0, 5.16). Pages are filled whole, and the part asked for is moved. Poller only.</summary>
internal sealed class LogPages(NvmeController controller, AdminData data, TimeProvider time)
{
    private const int HealthBytes = 512;
    private const int FirmwareBytes = 512;
    private const int EffectsBytes = 4096;
    private const int SupportedBytes = 1024;

    private readonly byte[] _page = new byte[TransferLimits.Bytes];
    private readonly long _startedTicks = time.GetTimestamp();

    /// <summary>Get Log Page.</summary>
    public CommandResult Get(in SubmissionEntry command)
    {
        var log = (LogPageId)(byte)command.Dword10;
        bool retains = (command.Dword10 >> 15 & 1) != 0;
        long length = (((long)(command.Dword11 & ushort.MaxValue) << 16) + (command.Dword10 >> 16) + 1) * sizeof(uint);
        ulong offset = command.Dword12 | ((ulong)command.Dword13 << 32);
        if (length > TransferLimits.Bytes || (offset & 3) != 0)
            return NvmeStatus.InvalidField;
        if (log == LogPageId.PersistentEvents && !controller.IsSecondary)
            return GetEvents(command, offset, (int)length);
        int size = LengthOf(log);
        if (size == 0)
            return NvmeStatus.InvalidLogPage;
        if (offset > (ulong)size)
            return NvmeStatus.InvalidField;

        // What reading takes away stays when it cannot reach the host.
        NvmeStatus status = data.Check(command, (int)length);
        if (status != NvmeStatus.Success)
            return status;
        Fill(log, _page.AsSpan(0, size), retains);
        int available = Math.Min(size - (int)offset, (int)length);
        if (offset != 0)
            _page.AsSpan((int)offset, available).CopyTo(_page);
        _page.AsSpan(available, (int)length - available).Clear();
        if (!retains)
            controller.Events.LogRead(log);
        return data.Write(command, _page.AsSpan(0, (int)length));
    }

    /// <summary>The Persistent Event Log: whoever reads it first establishes a context, and one alone (NVMe 1.4, 5.14.1.13).</summary>
    private CommandResult GetEvents(in SubmissionEntry command, ulong offset, int length)
    {
        const int Read = 0;
        const int Establish = 1;
        const int Release = 2;
        PersistentEventReport report = controller.EventReport;
        int action = (int)(command.Dword10 >> 8) & 0xf;
        if (action == Release)
        {
            report.Release();
            return CommandResult.Done;
        }

        if (action is not (Read or Establish))
            return NvmeStatus.InvalidField;
        if (report.IsEstablished != (action == Read))
            return NvmeStatus.CommandSequenceError;
        NvmeStatus status = data.Check(command, length);
        if (status != NvmeStatus.Success)
            return status;
        if (action == Establish)
            report.Establish();
        if (offset > (ulong)report.Page.Length)
        {
            // A command that failed established nothing.
            if (action == Establish)
                report.Release();
            return NvmeStatus.InvalidField;
        }

        ReadOnlySpan<byte> part = report.Page[(int)offset..];
        part = part[..Math.Min(part.Length, length)];
        part.CopyTo(_page);
        _page.AsSpan(part.Length, length - part.Length).Clear();
        return data.Write(command, _page.AsSpan(0, length));
    }

    /// <summary>Bytes of a page, 0 when there is no such page.</summary>
    private static int LengthOf(LogPageId log) => log switch
    {
        LogPageId.Supported => SupportedBytes,
        LogPageId.Error => ErrorLog.Length,
        LogPageId.Health => HealthBytes,
        LogPageId.FirmwareSlot => FirmwareBytes,
        LogPageId.ChangedNamespaces => ChangedNamespaces.Length,
        LogPageId.CommandEffects => EffectsBytes,
        LogPageId.FeatureEffects => FeatureEffects.Length,
        LogPageId.ReservationNotification => ReservationNotices.Length,
        LogPageId.SanitizeStatus => NvmeSubsystem.SanitizeLogLength,
        _ => 0,
    };

    private void Fill(LogPageId log, Span<byte> page, bool retains)
    {
        switch (log)
        {
            case LogPageId.Supported:
                FillSupported(page);
                break;
            case LogPageId.Error:
                controller.Errors.Fill(page);
                break;
            case LogPageId.Health:
                FillHealth(page);
                break;
            case LogPageId.FirmwareSlot:
                FillFirmware(page);
                break;
            case LogPageId.ChangedNamespaces:
                controller.ChangedNamespaces.Fill(page, retains);
                break;
            case LogPageId.CommandEffects:
                CommandEffects.Fill(page, controller.IsSecondary, controller.OffersShadowDoorbells);
                break;
            case LogPageId.FeatureEffects:
                FeatureEffects.Fill(page);
                break;
            case LogPageId.ReservationNotification:
                controller.ReservationNotices.Fill(page, retains);
                break;
            default:
                controller.Subsystem.FillSanitizeLog(page);
                break;
        }
    }

    private void FillSupported(Span<byte> page)
    {
        page.Clear();
        ReadOnlySpan<LogPageId> supported =
        [
            LogPageId.Supported, LogPageId.Error, LogPageId.Health, LogPageId.FirmwareSlot, LogPageId.ChangedNamespaces,
            LogPageId.CommandEffects, LogPageId.FeatureEffects, LogPageId.ReservationNotification, LogPageId.SanitizeStatus,
        ];
        foreach (LogPageId log in supported)
            page[(int)log * sizeof(uint)] = 1;
        if (!controller.IsSecondary)
            page[(int)LogPageId.PersistentEvents * sizeof(uint)] = 1;
    }

    /// <summary>SMART / Health (NVMe 2.0, figure 207). Data units are thousands of 512 bytes, rounded up.</summary>
    private void FillHealth(Span<byte> page)
    {
        const ushort RoomTemperatureKelvin = 298;
        const long UnitBytes = 512_000;
        page.Clear();
        NvmeCounters counters = controller.Counters;
        BinaryPrimitives.WriteUInt16LittleEndian(page[1..], RoomTemperatureKelvin);
        page[3] = 100;
        page[4] = 10;
        Put(page, 32, (counters.ReadBytes + UnitBytes - 1) / UnitBytes);
        Put(page, 48, (counters.WriteBytes + UnitBytes - 1) / UnitBytes);
        Put(page, 64, counters.Reads);
        Put(page, 80, counters.Writes);
        Put(page, 128, (long)time.GetElapsedTime(_startedTicks).TotalHours);
        Put(page, 160, counters.MediaErrors);
        Put(page, 176, (long)controller.Errors.Count);
    }

    private static void FillFirmware(Span<byte> page)
    {
        page.Clear();
        page[0] = 1;
        FirmwareRevision.Text.CopyTo(page[8..]);
    }

    private static void Put(Span<byte> page, int offset, long value) => BinaryPrimitives.WriteInt64LittleEndian(page[offset..], value);
}
