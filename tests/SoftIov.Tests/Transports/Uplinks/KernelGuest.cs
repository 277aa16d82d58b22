using SoftIov.Datapath;
using SoftIov.Tests.Datapath;
using SoftIov.Tests.Linux;
using SoftIov.Transports;
using SoftIov.Transports.Uplinks;

namespace SoftIov.Tests.Transports;

/// <summary>
/// A function port with the kernel of a namespace behind it, as a guest has one: by a tap that is used the other way round. Accepts what
/// offloads the test says, and looks at what is delivered.
/// </summary>
internal sealed class KernelGuest : IFramePort, IDisposable
{
    private readonly PollScheduler _scheduler;
    private readonly Uplinks _uplinks;
    private readonly IUplink _tap;
    private readonly PollHandle _handle;
    private readonly IDisposable _watch;

    public KernelGuest(SwitchPort port, PollScheduler scheduler, EpollSleep sleep, int poller, int mtu)
    {
        _scheduler = scheduler;
        Host.EnableIPv6(true);
        _uplinks = Host.Run(() => new Uplinks());
        _tap = Host.Run(() => _uplinks.Open(UplinkOptions.Tap("eth0", create: true, mtu)));
        Host.Ip($"link set eth0 address {port.MacAddress}");
        _tap.Port = port;
        port.Mtu = mtu;
        port.Connect(this);
        _handle = scheduler.Add(_tap, "guest", poller);
        _watch = sleep.Watch(_tap.Readable!, _handle.Wake);
    }

    public NetworkNamespace Host { get; } = new();

    public OffloadSet AcceptedOffloads { get; set; }

    /// <summary>Longest frame that was delivered, in bytes.</summary>
    public int Longest { get; private set; }

    /// <summary>Frames that were delivered with checksums or segmentation left to do.</summary>
    public int Partial { get; private set; }

    /// <summary>Frames that were delivered whole but are not sound.</summary>
    public Exception? Unsound { get; private set; }

    public FrameSet Deliver(FrameBatch batch, FrameSet frames)
    {
        foreach (int i in frames)
        {
            Longest = Math.Max(Longest, batch[i].Length);
            if (batch[i].Offload.NeedsChecksum)
            {
                Partial++;
            }
            else
            {
                Check(batch, i);
            }
        }

        return _tap.Deliver(batch, frames);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _scheduler.Remove(_handle);
        _tap.Port!.Connect(null);
        _scheduler.WaitForQuietPoint();
        _tap.Dispose();
        _uplinks.Dispose();
        Host.Dispose();
    }

    private void Check(FrameBatch batch, int index)
    {
        byte[] frame = new byte[batch[index].Length];
        batch.CopyTo(index, 0, frame);
        bool isTcp = (UplinkSetup.IsType(frame, EtherType.IPv4) && frame[23] == 6) || (UplinkSetup.IsType(frame, EtherType.IPv6) && frame[20] == 6);
        if (!isTcp)
        {
            return;
        }

        try
        {
            TestPacket.AssertSound(frame);
        }
        catch (Exception unsound)
        {
            Unsound ??= unsound;
        }
    }
}
