namespace SoftIov.Transports.Uplinks;

/// <summary>
/// What happened to frames between the switch and the host. Frames that arrived and frames that were sent are counted by the switch's port
/// (<see cref="Datapath.SwitchPort.Counters"/>); those lost on sending are in its RxDropped as well.
/// </summary>
public sealed class UplinkCounters
{
#pragma warning disable CA1051 // fields on purpose: hot counters are added to in place
    /// <summary>Frames the host received that were lost before the switch saw them: the ring was full, or they were too long.</summary>
    public long ReceiveLost;

    /// <summary>Frames not sent because the host had no room for them just then.</summary>
    public long TransmitFull;

    /// <summary>Frames not sent because the host refused them: the link is down or gone, or they are longer than its MTU.</summary>
    public long TransmitRefused;

    /// <summary>System calls made to receive; with the port's TxPackets, the calls per frame.</summary>
    public long ReceiveCalls;

    /// <summary>System calls made to send; with the port's RxPackets, the calls per frame.</summary>
    public long TransmitCalls;
#pragma warning restore CA1051
}
