using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Asynchronous events (NVMe 2.0, 5.2): requests are parked, never failed, until an event comes. After an event of a type was reported, no
/// other of that type is, until the host read the log page without RAE. Raised from any thread, delivered by the poller.
/// </summary>
internal sealed class AsyncEvents
{
    /// <summary>AERL + 1: requests that may be outstanding.</summary>
    public const int Limit = 8;

    public const int ErrorType = 0;
    public const int HealthType = 1;
    public const int NoticeType = 2;
    public const int IoCommandSetType = 6;
    public const int InvalidDoorbellRegister = 0;
    public const int InvalidDoorbellValue = 1;
    public const int NamespaceAttributeChanged = 0;
    public const int ReservationLogAvailable = 0;
    public const int SanitizeCompleted = 1;

    private const int Types = 8;

    private readonly Lock _gate = new();
    private readonly ushort[] _parked = new ushort[Limit];
    private readonly PendingEvent[] _pending = new PendingEvent[Types];
    private int _parkedCount;
    private int _waiting;
    private int _reported;

    /// <summary>Parks a request; false when there are too many.</summary>
    public bool TryPark(ushort commandId)
    {
        lock (_gate)
        {
            if (_parkedCount == Limit)
                return false;
            _parked[_parkedCount++] = commandId;
            return true;
        }
    }

    /// <summary>Takes a parked request out, since it is aborted; false when it is not parked.</summary>
    public bool TryAbort(ushort commandId)
    {
        lock (_gate)
        {
            int index = Array.IndexOf(_parked, commandId, 0, _parkedCount);
            if (index < 0)
                return false;
            _parkedCount--;
            Array.Copy(_parked, index + 1, _parked, index, _parkedCount - index);
            return true;
        }
    }

    /// <summary>Something happened. The last of a type that is not reported yet is kept.</summary>
    public void Raise(int type, int information, LogPageId log)
    {
        lock (_gate)
        {
            _pending[type] = new PendingEvent(information, log);
            _waiting |= 1 << type;
        }
    }

    /// <summary>The host read a log page without RAE: events that told of it are reported again.</summary>
    public void LogRead(LogPageId log)
    {
        lock (_gate)
        {
            for (int type = 0; type < Types; type++)
            {
                if (_pending[type].Log == log)
                    _reported &= ~(1 << type);
            }
        }
    }

    /// <summary>Completes parked requests with events that wait, as far as the admin completion queue has room.</summary>
    public void Deliver(NvmeController controller)
    {
        if ((Volatile.Read(ref _waiting) & ~_reported) == 0 || _parkedCount == 0)
            return;
        SubmissionQueue admin = controller.Queues.Submission(0)!;
        lock (_gate)
        {
            for (int type = 0; type < Types && _parkedCount > 0; type++)
            {
                int bit = 1 << type;
                if ((_waiting & ~_reported & bit) == 0 || !admin.Completions.TryReserve())
                    continue;
                _waiting &= ~bit;
                _reported |= bit;
                PendingEvent told = _pending[type];
                uint result = (uint)type | ((uint)told.Information << 8) | ((uint)told.Log << 16);
                controller.Complete(admin, _parked[--_parkedCount], new CommandResult(NvmeStatus.Success, result));
            }
        }
    }

    /// <summary>A reset: nothing is parked and nothing waits.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _parkedCount = 0;
            _waiting = 0;
            _reported = 0;
        }
    }

    private readonly record struct PendingEvent(int Information, LogPageId Log);
}
