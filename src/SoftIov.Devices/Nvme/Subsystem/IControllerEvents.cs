namespace SoftIov.Devices.Nvme;

/// <summary>
/// What a subsystem tells one of its controllers. Called on threads of control code, with locks of the subsystem held: mark, wake, return; ask
/// for no management operation. What is read from the subsystem is at least as new as the event.
/// </summary>
internal interface IControllerEvents
{
    /// <summary>A namespace was attached to, detached from or changed below the controller: Namespace Attribute Changed, log page 04h.</summary>
    void NamespaceChanged(uint namespaceId);

    /// <summary>Another host changed what this one's host holds of a namespace: log page 80h, unless feature 82h masks it.</summary>
    void ReservationChanged(uint namespaceId, ReservationNotice notice);

    /// <summary>A sanitize operation ended: log page 81h.</summary>
    void SanitizeCompleted();

    /// <summary>The secondary controller went online or offline (NVMe 1.4, 8.5.2). Before it goes online it is reset.</summary>
    void OnlineChanged(bool isOnline);

    /// <summary>Other queues or interrupts are assigned to it; they count from its next reset on.</summary>
    void ResourcesChanged();

    /// <summary>NVM Subsystem Reset: the controller resets.</summary>
    void SubsystemReset();
}
