using SoftIov.Devices.Nvme;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>A controller that writes down what it is told.</summary>
internal sealed class EventsModel : IControllerEvents
{
    public List<string> Heard { get; } = [];

    public void NamespaceChanged(uint namespaceId) => Heard.Add($"namespace {namespaceId}");

    public void ReservationChanged(uint namespaceId, ReservationNotice notice) => Heard.Add($"{notice} {namespaceId}");


    public void SanitizeCompleted() => Heard.Add("sanitized");

    public void OnlineChanged(bool isOnline) => Heard.Add(isOnline ? "online" : "offline");

    public void ResourcesChanged() => Heard.Add("resources");

    public void SubsystemReset() => Heard.Add("reset");

    /// <summary>What was heard since the last call.</summary>
    public string[] Take()
    {
        string[] heard = [.. Heard];
        Heard.Clear();
        return heard;
    }
}
