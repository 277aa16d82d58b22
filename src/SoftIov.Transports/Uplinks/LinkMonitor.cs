using SoftIov.Linux;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// Has uplinks look after their interfaces when some interface of the host changed. All of them at every change: that is two ioctls each, and
/// a notice that got lost costs nothing. The thread and the sockets are of the network namespace in which this was made.
/// </summary>
internal sealed class LinkMonitor : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<HostUplink> _uplinks = [];
    private readonly LinkEvents _events = new();
    private readonly EventFd _stop = new();
    private readonly Epoll _epoll = new();
    private readonly Thread _thread;
    private readonly Action<IUplink, Exception> _onFault;
    private volatile bool _stopping;

    public LinkMonitor(Action<IUplink, Exception> onFault)
    {
        _onFault = onFault;
        _epoll.Add(_events.Descriptor, EpollEvents.In, 0);
        _epoll.Add(_stop.Descriptor, EpollEvents.In, 0);
        _thread = new Thread(Run) { IsBackground = true, Name = "softiov-links" };
        _thread.Start();
    }

    /// <summary>The host's interfaces.</summary>
    public HostInterfaces Interfaces { get; } = new();

    /// <summary>Watches over an uplink from now on; its carrier is known when this returns.</summary>
    public void Add(HostUplink uplink)
    {
        lock (_gate)
        {
            _uplinks.Add(uplink);
            uplink.Refresh(Interfaces);
        }
    }

    /// <summary>Lets go of an uplink: its descriptors are not used any more when this returns.</summary>
    public void Remove(HostUplink uplink)
    {
        lock (_gate)
        {
            _uplinks.Remove(uplink);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        _stop.Signal();
        _thread.Join();
        _epoll.Dispose();
        _stop.Dispose();
        _events.Dispose();
        Interfaces.Dispose();
    }

    private void Run()
    {
        var events = new EpollEvent[2];
        while (!_stopping)
        {
            _epoll.Wait(events, Timeout.InfiniteTimeSpan);
            if (_events.Consume())
            {
                RefreshAll();
            }
        }
    }

    /// <summary>Nobody is told under the lock: they may have locks of their own, under which they close uplinks.</summary>
    private void RefreshAll()
    {
        var changed = new List<HostUplink>();
        lock (_gate)
        {
            foreach (HostUplink uplink in _uplinks)
            {
                if (uplink.Refresh(Interfaces))
                {
                    changed.Add(uplink);
                }
            }
        }

        changed.ForEach(Tell);
    }

    private void Tell(HostUplink uplink)
    {
        try
        {
            uplink.TellCarrier();
        }
        catch (Exception broken)
        {
            _onFault(uplink, broken);
        }
    }
}
