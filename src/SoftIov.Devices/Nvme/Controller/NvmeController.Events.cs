using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <content>
/// What the subsystem tells. It holds locks while it does, and registers are locked while they ask the subsystem: so events only mark, and
/// the next register access or poll acts.
/// </content>
internal sealed partial class NvmeController : IControllerEvents
{
    private bool _isOnline;
    private bool _isResetDue;
    private bool _wasSubsystemReset;

    /// <summary>False for a secondary controller that nobody brought online (NVMe 1.4, 8.5.2).</summary>
    public bool IsOnline => Volatile.Read(ref _isOnline);

    /// <summary>Namespaces that changed since the host last asked.</summary>
    public ChangedNamespaces ChangedNamespaces { get; } = new();

    /// <summary>Notices of reservations that changed.</summary>
    public ReservationNotices ReservationNotices { get; } = new();

    /// <inheritdoc/>
    public void NamespaceChanged(uint namespaceId)
    {
        const uint NamespaceAttributeNotices = 1 << 8;
        ChangedNamespaces.Add(namespaceId);
        if ((Volatile.Read(ref State.Features.AsyncEvents) & NamespaceAttributeNotices) == 0)
            return;
        Events.Raise(AsyncEvents.NoticeType, AsyncEvents.NamespaceAttributeChanged, LogPageId.ChangedNamespaces);
        Handle?.Wake();
    }

    /// <inheritdoc/>
    public void ReservationChanged(uint namespaceId, ReservationNotice notice)
    {
        if ((Volatile.Read(ref State.Features.ReservationNoticeMask) >> (int)notice & 1) != 0)
            return;
        ReservationNotices.Add(namespaceId, notice);
        Events.Raise(AsyncEvents.IoCommandSetType, AsyncEvents.ReservationLogAvailable, LogPageId.ReservationNotification);
        Handle?.Wake();
    }

    /// <inheritdoc/>
    public void SanitizeCompleted()
    {
        Events.Raise(AsyncEvents.IoCommandSetType, AsyncEvents.SanitizeCompleted, LogPageId.SanitizeStatus);
        Handle?.Wake();
    }

    /// <inheritdoc/>
    public void OnlineChanged(bool isOnline)
    {
        Volatile.Write(ref _isResetDue, true);
        Volatile.Write(ref _isOnline, isOnline);
        Handle?.Wake();
    }

    /// <inheritdoc/>
    public void ResourcesChanged()
    {
    }

    /// <inheritdoc/>
    public void SubsystemReset()
    {
        Volatile.Write(ref _wasSubsystemReset, true);
        Volatile.Write(ref _isResetDue, true);
        Handle?.Wake();
    }

    /// <summary>A reset that an event asked for, before registers are looked at.</summary>
    private void DoResetThatIsDue()
    {
        if (!Volatile.Read(ref _isResetDue))
            return;
        lock (_gate)
        {
            Volatile.Write(ref _isResetDue, false);
            PowerOn();
            if (_wasSubsystemReset)
                State.Status |= ControllerStatus.SubsystemResetOccurred;
            _wasSubsystemReset = false;
        }
    }
}
