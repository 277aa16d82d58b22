using System.Numerics;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <content>
/// Driven ring by ring, by a transport whose front-end keeps the registers. The register state is what tells queues whether they run, so it
/// is written as a driver would have written it.
/// </content>
internal sealed partial class NetDevice : IRingDevice
{
    private const DeviceStatus Agreed = DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.FeaturesOk;
    private const uint DescriptorAlignment = 16;

    private static readonly DiscardPath Nowhere = new();

    private (Announcement Frame, PollHandle Handle)? _announcement;

    /// <summary>A bit for each ring that is muted.</summary>
    private ulong _muted;

    public VirtioFeatures RingFeatures => NetFeatureRules.ForRings(OfferedFeatures);

    public int RingCount => 2 * _pairs.Length;

    public int MaxRingSize => _settings.QueueSize;

    public int Mtu => _settings.Mtu;

    public bool NeedsReset
    {
        get
        {
            lock (_lifetime)
                return !_isDisposed && (Registers.DeviceStatus & DeviceStatus.NeedsReset) != 0;
        }
    }

    public bool Open(IRingSignals signals) => Run(() =>
    {
        Reset();
        Interrupts.Signals = signals;
    });

    public void Close() => Run(() =>
    {
        Reset();
        Interrupts.Signals = null;
    });

    void IRingDevice.Reset() => Run(Reset);

    public bool TryAgree(VirtioFeatures features)
    {
        bool isAgreed = false;
        Run(() =>
        {
            if (NetFeatureRules.Chosen(features, RingFeatures) is not { } chosen || (IsAnyStarted && chosen != Registers.Features))
                return;
            Registers.DriverFeatures = (ulong)chosen;
            isAgreed = true;
        });
        return isAgreed;
    }

    public bool TryStart(int ring, in VirtqueueLayout layout, in VirtqueueCursor position, bool isMuted, InflightRegion? inflight)
    {
        if ((uint)ring >= (uint)RingCount)
            return false;
        (VirtqueueLayout wanted, VirtqueueCursor start) = (layout, position);
        bool isStarted = false;
        Run(() =>
        {
            if (Registers.Queues[ring].Enabled == 0 && IsValid(in wanted, in start))
                isStarted = StartRing(ring, in wanted, in start, isMuted, inflight);
        });
        return isStarted;
    }

    public void Mute(int ring, bool isMuted) => Run(() =>
    {
        if ((uint)ring >= (uint)RingCount || IsMuted(ring) == isMuted)
            return;
        lock (_gate)
        {
            SetMuted(ring, isMuted);
            ChooseActivePairs();
            if (!_isRunning)
                return;
            QueuePair pair = _pairs[ring / 2];
            if (ring % 2 != 0)
            {
                pair.Transmit.Configure(Registers.Features, PathOf(pair));
            }
            else if (isMuted)
            {
                pair.Receive.Queue.Close();
                WaitForPollers();
            }
            else
            {
                Open(ring);
            }
        }
    });

    public VirtqueueCursor Stop(int ring)
    {
        VirtqueueCursor position = VirtqueueCursor.AtEnable;
        Run(() =>
        {
            if ((uint)ring >= (uint)RingCount)
                return;
            lock (_gate)
                position = StopRing(ring);
        });
        return position;
    }

    public void Announce(MacAddress address) => Run(() =>
    {
        if (_scheduler is null || address.IsZero || address.IsMulticast)
            return;
        EndAnnouncement();
        var announcement = new Announcement(_port, address);
        _announcement = (announcement, _scheduler.Add(announcement, $"{_settings.Name}/announcement"));
        _announcement.Value.Handle.Wake();
    });

    void IRingDevice.Kick(int ring)
    {
        if ((uint)ring < (uint)RingCount)
            Kick(ring);
    }

    public int PollerOf(int ring) =>
        (uint)ring < (uint)RingCount && ring % 2 != 0 && _pairs[ring / 2].Handle is { } handle ? handle.PollerIndex : -1;

    /// <summary>It was sent long ago, mostly.</summary>
    private void EndAnnouncement()
    {
        if (_announcement is not var (announcement, handle))
            return;
        _scheduler!.Remove(handle);
        WaitForPollers();
        announcement.Dispose();
        _announcement = null;
    }

    private bool StartRing(
        int ring, in VirtqueueLayout layout, in VirtqueueCursor position, bool isMuted, InflightRegion? inflight)
    {
        lock (_gate)
        {
            ref VirtioQueueState queue = ref Registers.Queues[ring];
            (queue.Size, queue.DescriptorArea) = (layout.Size, layout.DescriptorArea);
            (queue.DriverArea, queue.DeviceArea, queue.Cursor) = (layout.DriverArea, layout.DeviceArea, position);
            queue.Enabled = 1;
            RingQueue(ring).Inflight = inflight;
            SetMuted(ring, isMuted);
            State.ApplyFeatures();
            ChooseActivePairs();
            Interlocked.Or(ref Registers.Status, (int)(Agreed | DeviceStatus.DriverOk));
            if (_isRunning)
                StartQueue(ring);
            else
                Start();
            bool isIdle = isMuted && ring % 2 == 0;
            bool isStarted = _isRunning && (isIdle || QueueOf(ring)?.Ring is not null || Volatile.Read(ref _isLaneRequested) != 0);
            if (!isStarted)
                StopRing(ring);
            return isStarted;
        }
    }

    /// <summary>Under the gate. With the last ring the device stops, and what a driver did wrong is over.</summary>
    private VirtqueueCursor StopRing(int ring)
    {
        ref VirtioQueueState queue = ref Registers.Queues[ring];
        StopQueue(ring);
        VirtqueueCursor position = queue.Cursor;
        queue.Enabled = 0;
        RingQueue(ring).Inflight = null;
        ChooseActivePairs();
        if (IsAnyStarted)
            return position;
        Stop();
        Interlocked.Exchange(ref Registers.Status, 0);
        return position;
    }

    /// <summary>Sizes and alignments are the driver's duty (virtio 1.4, 2.7 and 2.8); where a packed ring stands is what a front-end says.</summary>
    private bool IsValid(in VirtqueueLayout layout, in VirtqueueCursor position)
    {
        bool isPacked = (Registers.Features & VirtioFeatures.RingPacked) != 0;
        return layout.Size > 0 && layout.Size <= MaxQueueSize
            && (isPacked ? position.IsInPackedRing(layout.Size) : BitOperations.IsPow2(layout.Size))
            && layout.DescriptorArea % DescriptorAlignment == 0
            && layout.DriverArea % (isPacked ? 4u : 2u) == 0
            && layout.DeviceArea % 4 == 0;
    }

    private bool IsAnyStarted
    {
        get
        {
            for (int ring = 0; ring < RingCount; ring++)
            {
                if (Registers.Queues[ring].Enabled != 0)
                    return true;
            }

            return false;
        }
    }

    private ITransmitPath PathOf(QueuePair pair) =>
        IsMuted(2 * pair.Index + 1) ? Nowhere : _lane is null ? _direct : _lane.Outbox;

    private DeviceQueue RingQueue(int ring) => ring % 2 == 0 ? _pairs[ring / 2].Receive.Queue : _pairs[ring / 2].Transmit.Queue;

    private bool IsMuted(int ring) => (_muted >> ring & 1) != 0;

    private void SetMuted(int ring, bool isMuted) => _muted = isMuted ? _muted | 1UL << ring : _muted & ~(1UL << ring);

    /// <summary>Frames are spread over the leading pairs whose receive rings the front-end runs.</summary>
    private void ChooseActivePairs()
    {
        int active = 0;
        while (active < _pairs.Length && Registers.Queues[2 * active].Enabled != 0 && !IsMuted(2 * active))
            active++;
        Volatile.Write(ref State.Steering.ActivePairs, Math.Max(active, 1));
    }

    private void WaitForPollers()
    {
        _scheduler?.WaitForQuietPoint();
        _lane?.WaitForQuietPoint();
    }

    private bool Run(Action work) => _function?.TryRun(work) == true;
}
