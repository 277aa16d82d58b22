using System.Buffers.Binary;
using System.Collections.Immutable;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Sanitize: all data of the whole store are erased in the background, whatever happens meanwhile (NVMe 1.4, 5.24 and 8.15).</summary>
public sealed partial class NvmeSubsystem
{
    /// <summary>SANICAP: block erase and crypto erase, always with deallocation, and media are not modified further.</summary>
    internal const uint SanitizeCapabilities = 0x6000_0003;

    /// <summary>Bytes of the Sanitize Status log page (81h).</summary>
    internal const int SanitizeLogLength = 512;

    private const uint ExitFailureMode = 1;
    private const uint BlockErase = 2;
    private const uint CryptoErase = 4;
    private const uint AllowsUnrestrictedExit = 8;
    private const uint NoDeallocate = 0x200;
    private const int GlobalDataErased = 0x100;

    /// <summary>Between steps of so many bytes progress shows and the operation can stop.</summary>
    private const long SanitizeStep = 64 << 20;

    private Task _sanitizing = Task.CompletedTask;
    private int _sanitizeProgress;
    private volatile bool _isStopping;

    /// <summary>
    /// Success, or what media and management commands are answered with while the subsystem is being sanitized or failed to be; pollers get it from
    /// <see cref="Namespace.CheckRead"/>.
    /// </summary>
    internal NvmeStatus Refusal => Record.Sanitize switch
    {
        { State: SanitizeState.InProgress } => NvmeStatus.SanitizeInProgress,
        { IsInFailureMode: true } => NvmeStatus.SanitizeFailed,
        _ => NvmeStatus.Success,
    };

    /// <summary>The operation in the background.</summary>
    internal Task Sanitizing => _sanitizing;

    /// <summary>
    /// Sanitize: dword 10 has SANACT in bits 2:0, AUSE in 3, No-Deallocate in 9. Returns when the operation has started; its end is an event.
    /// </summary>
    internal NvmeStatus Sanitize(uint dword10)
    {
        uint action = dword10 & 7;
        if (action is not (ExitFailureMode or BlockErase or CryptoErase) || (dword10 & NoDeallocate) != 0)
            return NvmeStatus.InvalidField;
        lock (_management)
        {
            SanitizeRecord last = _record.Sanitize;
            if (last.State == SanitizeState.InProgress)
                return NvmeStatus.SanitizeInProgress;
            bool isRestricted = last.IsInFailureMode && (last.Command & AllowsUnrestrictedExit) == 0;
            if (isRestricted && (action == ExitFailureMode || (dword10 & AllowsUnrestrictedExit) != 0))
                return NvmeStatus.SanitizeFailed;
            if (action == ExitFailureMode)
                return LeaveFailureMode();
            foreach (Namespace each in Allocated.All)
            {
                if (each.Protection != WriteProtection.None)
                    return NvmeStatus.NamespaceWriteProtected;
            }

            if (!TryCommit(was => was with { Sanitize = new SanitizeRecord(SanitizeState.InProgress, dword10, false) }))
                return NvmeStatus.InternalError;
            RecordSanitizeStart(dword10);
            StartSanitize();
            return NvmeStatus.Success;
        }
    }

    /// <summary>Sanitize Status (log page 81h): fills 512 bytes (NVMe 1.4, 5.14.1.16.2).</summary>
    internal void FillSanitizeLog(Span<byte> data)
    {
        data.Clear();
        SanitizeRecord last = Record.Sanitize;
        bool isRunning = last.State == SanitizeState.InProgress;
        BinaryPrimitives.WriteUInt16LittleEndian(data, isRunning ? (ushort)Volatile.Read(ref _sanitizeProgress) : ushort.MaxValue);
        BinaryPrimitives.WriteUInt16LittleEndian(data[2..], (ushort)((int)last.State | (_erased.IsErased ? GlobalDataErased : 0)));
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], last.Command);

        // How long each kind takes: nobody knows.
        data[8..32].Fill(0xFF);
    }

    private NvmeStatus LeaveFailureMode()
    {
        if (!TryCommit(was => was with { Sanitize = was.Sanitize with { IsInFailureMode = false } }))
            return NvmeStatus.InternalError;
        foreach (NamespaceRecord record in _record.Namespaces)
            Allocated[record.Id]!.Close(record.IsErasing ? NvmeStatus.FormatInProgress : NvmeStatus.Success);
        return NvmeStatus.Success;
    }

    private void StartSanitize()
    {
        Volatile.Write(ref _sanitizeProgress, 0);
        CloseAll(NvmeStatus.SanitizeInProgress);
        _sanitizing = Task.Run(EraseAll);
    }

    private void EraseAll()
    {
        _quiescence.WaitForQuietPoint();
        foreach (Namespace each in Allocated.All)
            each.WaitUntilDrained();
        try
        {
            for (long offset = 0; offset < TotalCapacity; offset += SanitizeStep)
            {
                if (_isStopping)
                    return;
                Volatile.Write(ref _sanitizeProgress, (int)(ushort.MaxValue * (offset / (double)TotalCapacity)));
                _store.Deallocate(offset, Math.Min(SanitizeStep, TotalCapacity - offset));
            }

            _store.Flush();
            if (_isStopping)
                return;
            EndSanitize(SanitizeState.Completed);
        }
        catch (IOException)
        {
            if (_isStopping)
                return;
            EndSanitize(SanitizeState.Failed);
        }

        for (ushort controller = ControllerId.Primary; controller < _controllers.Length; controller++)
            Volatile.Read(ref _controllers[controller])?.SanitizeCompleted();
    }

    private void EndSanitize(SanitizeState state)
    {
        lock (_management)
        {
            bool isFailed = state == SanitizeState.Failed;
            SubsystemRecord End(SubsystemRecord was) => was with
            {
                Sanitize = was.Sanitize with { State = state, IsInFailureMode = isFailed },
                Namespaces = isFailed ? was.Namespaces : WithoutErasing(was.Namespaces),
            };

            if (!TryCommit(End))
            {
                // Not saved: the next start sanitizes again. Until then it failed, lest somebody writes what that would erase.
                SanitizeRecord failed = _record.Sanitize with { State = SanitizeState.Failed, IsInFailureMode = true };
                lock (_recording)
                    Volatile.Write(ref _record, _record with { Sanitize = failed });
            }

            if (_record.Sanitize.State == SanitizeState.Completed)
                _erased.Erased();
            RecordSanitizeCompletion();
            CloseAll(Refusal);
        }
    }

    private static ImmutableArray<NamespaceRecord> WithoutErasing(ImmutableArray<NamespaceRecord> namespaces)
    {
        ImmutableArray<NamespaceRecord>.Builder erased = namespaces.ToBuilder();
        for (int i = 0; i < erased.Count; i++)
            erased[i] = erased[i] with { IsErasing = false };
        return erased.ToImmutable();
    }

    private void CloseAll(NvmeStatus status)
    {
        foreach (Namespace each in Allocated.All)
            each.Close(status);
    }
}
