using SoftIov.Devices.Virtio;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// Kicks of a ring, waited for by the very poller that looks at it: they wake it as they come, and no other thread in between. A ring that went
/// to another poller goes on being kicked by way of this one, which says so once.
/// </summary>
internal sealed class KickWatch : IDisposable
{
    private readonly IRingDevice _device;
    private readonly int _ring;
    private readonly int _poller;
    private readonly Action<KickWatch> _onMoved;
    private readonly IDisposable _registration;
    private bool _hasMoved;

    /// <summary>Watches. <paramref name="onMoved"/> is called on the poller's thread and returns at once.</summary>
    public KickWatch(EpollSleep sleep, int poller, IRingDevice device, int ring, FileDescriptor kick, Action<KickWatch> onMoved)
    {
        _device = device;
        _ring = ring;
        _poller = poller;
        _onMoved = onMoved;
        _registration = sleep.Watch(kick, OnKick);
    }

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();

    private void OnKick()
    {
        _device.Kick(_ring);
        int now = _device.PollerOf(_ring);
        if (now == _poller || now < 0 || _hasMoved)
            return;
        _hasMoved = true;
        _onMoved(this);
    }
}
