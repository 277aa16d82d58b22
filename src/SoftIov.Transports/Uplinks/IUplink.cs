using SoftIov.Datapath;
using SoftIov.Linux;

namespace SoftIov.Transports.Uplinks;

/// <summary>
/// Where a switch meets the world. As a port it sends what the switch delivers, from any poller and without waiting: what the host does not
/// take at once is lost and counted. As a pollable it hands what the host received to the switch, on the thread of one poller.
/// </summary>
public interface IUplink : IFramePort, IPollable, IDisposable
{
    /// <summary>The host's name of the interface.</summary>
    string Name { get; }

    /// <summary>Readable when frames wait; null when none ever will: then the uplink needs no port and no poller.</summary>
    FileDescriptor? Readable { get; }

    /// <summary>Whether the interface is there, up and has a carrier.</summary>
    bool HasCarrier { get; }

    /// <summary>What became of frames beyond the switch's counters.</summary>
    UplinkCounters Counters { get; }

    /// <summary>Raised on a control thread, one call at a time, when <see cref="HasCarrier"/> changed.</summary>
    event Action<bool>? CarrierChanged;

    /// <summary>Where received frames go; before it is set, and when null, they are left waiting. Not while a poller is in the uplink.</summary>
    SwitchPort? Port { get; set; }
}
