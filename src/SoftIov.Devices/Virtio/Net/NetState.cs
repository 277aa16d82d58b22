using System.Runtime.InteropServices;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>All of a network function that a reset clears (decision D7): a reset assigns <see cref="AtReset"/>, and nothing else.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetState
{
    public VirtioState Virtio;

    /// <summary>Guest offloads switched on just now: a subset of the negotiated ones.</summary>
    public ulong GuestOffloads;

    /// <summary>Address the driver set, or 0.</summary>
    public ulong DriverMac;

    /// <summary>Non-zero: the driver is asked to announce itself.</summary>
    public int Announce;
    public ReceiveModes Modes;
    public MacTable Unicast;
    public MacTable Multicast;
    public VlanBits Vlans;
    public SteeringState Steering;
    public CoalescingStates Coalescing;

    /// <summary>What the driver set for all transmit and all receive queues; a queue that was reset starts with it.</summary>
    public CoalescingState TransmitCoalescing;
    public CoalescingState ReceiveCoalescing;

    /// <summary>The device configuration as a driver last saw it.</summary>
    public NetConfigBytes ConfigSeen;

    /// <summary>The value after reset.</summary>
    public static NetState AtReset(int queueCount, ushort queueSize, int generation) => new()
    {
        Virtio = VirtioState.AtReset(queueCount, queueSize, generation),
        Modes = ReceiveModes.AtReset,
        Steering = new SteeringState { ActivePairs = 1 },
    };

    /// <summary>DRIVER_OK: what the negotiated features switch on by themselves.</summary>
    public void ApplyFeatures() => GuestOffloads = (ulong)(Virtio.Features & VirtioFeatures.GuestOffloads);
}
