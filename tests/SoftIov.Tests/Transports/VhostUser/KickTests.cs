using SoftIov.Datapath;
using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.VhostUser;
using SoftIov.Lab.Virtio;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Transports;
using SoftIov.Transports.VhostUser;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Kicks go from the driver to the poller of its ring, and nobody is in between.</summary>
public sealed class KickTests
{
    [Fact]
    public void A_kick_wakes_its_poller_while_the_loop_is_busy()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        var ring = (SplitDriverVirtqueue)first.Ring(1);
        using var isHeld = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        setup.Server.Loop.Post(setup.Sockets[0].Sessions, () =>
        {
            isHeld.Set();
            goOn.Wait();
        });
        Assert.True(isHeld.Wait(FrontEndSetup.Patience));
        try
        {
            for (int i = 0; i < 20; i++)
            {
                Assert.True(SpinWait.SpinUntil(() => ring.AvailableEvent == ring.AvailableIndex, FrontEndSetup.Patience)); // it asks for a kick
                FrontEndSetup.Send(first, second, 0, 1);
            }
        }
        finally
        {
            goOn.Set();
        }
    }

    [Fact]
    public void A_ring_that_was_stopped_is_kicked_no_more_and_one_that_goes_on_is()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        for (int i = 0; i < 5; i++)
        {
            uint position = first.StopRing(1);
            first.Kick(1);
            first.StartRing(1, position);
            FrontEndSetup.Send(first, second, 0, 1);
        }
    }

    [Fact]
    public void A_ring_at_another_poller_is_kicked_all_the_same_and_it_is_told_once()
    {
        using var sleep = new EpollSleep();
        using var kick = new EventFd();
        var device = new KickedDevice();
        List<KickWatch> told = [];
        using (var watch = new KickWatch(sleep, 0, device, 1, kick.Descriptor, told.Add))
        {
            sleep.Sleep(TimeSpan.Zero);
            int first = device.Kicks;
            device.Poller = 1;
            for (int i = 0; i < 3; i++)
            {
                kick.Signal();
                sleep.Sleep(FrontEndSetup.Patience);
            }

            Assert.Equal(first + 3, device.Kicks);
            Assert.Equal([watch], told);
        }

        int kicks = device.Kicks;
        kick.Signal();
        sleep.Sleep(TimeSpan.Zero);
        Assert.Equal(kicks, device.Kicks);
    }

    /// <summary>A device whose ring 1 is kicked, and that does nothing else.</summary>
    private sealed class KickedDevice : IRingDevice
    {
        public int Kicks { get; private set; }

        public int Poller { get; set; }

        public VirtioFeatures RingFeatures => VirtioFeatures.None;

        public int RingCount => 2;

        public int MaxRingSize => 64;

        public int Mtu => 1500;

        public bool NeedsReset => false;

        public void Kick(int ring) => Kicks += ring;

        public int PollerOf(int ring) => Poller;

        public bool Open(IRingSignals signals) => true;

        public bool TryAgree(VirtioFeatures features) => true;

        public bool TryStart(int ring, in VirtqueueLayout layout, in VirtqueueCursor position, bool isMuted, InflightRegion? inflight) => true;

        public void Mute(int ring, bool isMuted)
        {
        }

        public VirtqueueCursor Stop(int ring) => VirtqueueCursor.AtEnable;

        public void Announce(MacAddress address)
        {
        }

        public void Reset()
        {
        }

        public void Close()
        {
        }
    }
}
