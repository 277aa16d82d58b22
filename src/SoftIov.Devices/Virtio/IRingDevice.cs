using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// The rings of a virtio function, for a transport whose front-end keeps the registers and hands over ring by ring (vhost-user). The same
/// rings, state and switch port that the PCI transport drives; one of the two drives at a time. Calls come from one control thread; after
/// the function is gone they do nothing. Addresses are those of the function's DMA domain.
/// </summary>
public interface IRingDevice
{
    /// <summary>Features whose work is the device's; those of registers, control queue and addresses are the front-end's.</summary>
    VirtioFeatures RingFeatures { get; }

    /// <summary>Rings it has: a receive and a transmit ring of each pair, in turn.</summary>
    int RingCount { get; }

    /// <summary>Entries of a ring at most.</summary>
    int MaxRingSize { get; }

    /// <summary>Largest payload of an Ethernet frame in bytes.</summary>
    int Mtu { get; }

    /// <summary>The device waits until all its rings were stopped, because of what its driver did.</summary>
    bool NeedsReset { get; }

    /// <summary>Takes the device over, reset; false when the function is gone.</summary>
    bool Open(IRingSignals signals);

    /// <summary>
    /// The driver's choice. False when it is none of the offer, contradicts itself, or differs from the former one while a ring runs.
    /// </summary>
    bool TryAgree(VirtioFeatures features);

    /// <summary>
    /// Starts a ring from a position; muted, a receive ring gets nothing and what is sent is dropped. False when its size, alignment or position
    /// is wrong, its memory is not mapped, or the device waits for its other rings to be stopped; the ring is stopped then. What it has in
    /// flight is told to <paramref name="inflight"/>, which was resumed, until it is stopped.
    /// </summary>
    bool TryStart(int ring, in VirtqueueLayout layout, in VirtqueueCursor position, bool isMuted, InflightRegion? inflight);

    /// <summary>Mutes or unmutes a ring, running or not.</summary>
    void Mute(int ring, bool isMuted);

    /// <summary>Stops a ring and says where it stands: when this returns nothing is in flight.</summary>
    VirtqueueCursor Stop(int ring);

    /// <summary>The driver made buffers available. Any thread.</summary>
    void Kick(int ring);

    /// <summary>
    /// Number of the poller that looks at a ring when it is kicked, which may change at any time; negative while none does, as with receive
    /// rings. Any thread.
    /// </summary>
    int PollerOf(int ring);

    /// <summary>Tells the network where this address is now, for a driver that cannot say it itself (RFC 903).</summary>
    void Announce(MacAddress address);

    /// <summary>Stops all, and forgets what was agreed on.</summary>
    void Reset();

    /// <summary>Gives the device back, reset.</summary>
    void Close();
}
