using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Carries control commands out (virtio 1.4, 5.1.6.5). Nothing here waits for another guest or for I/O: drivers spin until the
/// acknowledgement comes.
/// </summary>
internal sealed class ControlCommands(
    StatePage<NetState> page, SwitchPort port, QueuePair[] pairs, ReceiveOptions options, ReceiveSteering steering)
{
    /// <summary>Most bytes that a command answers besides the acknowledgement.</summary>
    public const int MaxResultLength = CoalescingControl.ParametersLength;

    private readonly ReceiveFilterControl _filter = new(page, port);
    private readonly SteeringControl _steering = new(page, steering, pairs.Length);
    private readonly CoalescingControl _coalescing = new(page, pairs);

    /// <summary>Places in the tables of the function's switch.</summary>
    public int SwitchPorts => port.SwitchPorts;

    /// <summary>Hands the state to switch and queues: at DRIVER_OK, and when work goes on.</summary>
    public void Apply()
    {
        options.Accept((VirtioFeatures)page.Value.GuestOffloads);
        _coalescing.Apply();
        if ((page.Value.Virtio.Features & (VirtioFeatures.CtrlVlan | VirtioFeatures.CtrlRx)) != 0)
            _filter.Apply();
    }

    /// <summary>A queue was reset: what was set for it alone is gone.</summary>
    public void QueueReset(int queue) => _coalescing.QueueReset(queue);

    /// <summary>True when the command was done; <paramref name="resultLength"/> bytes of <paramref name="result"/> are then the answer.</summary>
    public bool TryExecute(in ControlRequest request, Span<byte> result, out int resultLength)
    {
        resultLength = 0;
        VirtioFeatures needed = FeatureOf(request.Command);
        if (request.DataLength < 0 || needed == VirtioFeatures.None || (page.Value.Virtio.Features & needed) == 0)
            return false;

        switch (request.Command)
        {
            case ControlCommand.MacTableSet:
                return _filter.SetTable(in request);
            case ControlCommand.MacAddrSet:
                return _filter.SetAddress(in request);
            case ControlCommand.VlanAdd:
                return _filter.SetVlan(in request, isWanted: true);
            case ControlCommand.VlanDel:
                return _filter.SetVlan(in request, isWanted: false);
            case ControlCommand.AnnounceAck:
                return AcknowledgeAnnounce();
            case ControlCommand.MqVqPairsSet:
                return _steering.SetPairs(in request);
            case ControlCommand.MqRssConfig:
                return _steering.SetRss(in request);
            case ControlCommand.MqHashConfig:
                return _steering.SetHash(in request);
            case ControlCommand.GuestOffloadsSet:
                return SetGuestOffloads(in request);
            case ControlCommand.NotfCoalTxSet:
                return _coalescing.SetAll(in request, isTransmit: true);
            case ControlCommand.NotfCoalRxSet:
                return _coalescing.SetAll(in request, isTransmit: false);
            case ControlCommand.NotfCoalVqSet:
                return _coalescing.SetOne(in request);
            case ControlCommand.NotfCoalVqGet:
                resultLength = CoalescingControl.ParametersLength;
                return _coalescing.TryGet(in request, result);
            default:
                return _filter.SetMode(in request);
        }
    }

    /// <summary>The feature without which a command does not exist; None for a command nobody knows.</summary>
    private static VirtioFeatures FeatureOf(ControlCommand command) => command switch
    {
        ControlCommand.RxPromisc or ControlCommand.RxAllMulti => VirtioFeatures.CtrlRx,
        ControlCommand.RxAllUni or ControlCommand.RxNoMulti or ControlCommand.RxNoUni or ControlCommand.RxNoBcast =>
            VirtioFeatures.CtrlRxExtra,
        ControlCommand.MacTableSet => VirtioFeatures.CtrlRx,
        ControlCommand.MacAddrSet => VirtioFeatures.CtrlMacAddr,
        ControlCommand.VlanAdd or ControlCommand.VlanDel => VirtioFeatures.CtrlVlan,
        ControlCommand.AnnounceAck => VirtioFeatures.GuestAnnounce,
        ControlCommand.MqVqPairsSet => VirtioFeatures.Mq,
        ControlCommand.MqRssConfig => VirtioFeatures.Rss,
        ControlCommand.MqHashConfig => VirtioFeatures.HashReport,
        ControlCommand.GuestOffloadsSet => VirtioFeatures.CtrlGuestOffloads,
        ControlCommand.NotfCoalTxSet or ControlCommand.NotfCoalRxSet => VirtioFeatures.NotfCoal,
        ControlCommand.NotfCoalVqSet or ControlCommand.NotfCoalVqGet => VirtioFeatures.VqNotfCoal,
        _ => VirtioFeatures.None,
    };

    private bool AcknowledgeAnnounce()
    {
        Interlocked.Exchange(ref page.Value.Announce, 0);
        return true;
    }

    /// <summary>From the acknowledgement on no frame carries what was switched off: bursts that began before are waited for.</summary>
    private bool SetGuestOffloads(in ControlRequest request)
    {
        ref NetState state = ref page.Value;
        if (!request.TryReadUInt64(0, out ulong wanted)
            || (wanted & ~(ulong)(state.Virtio.Features & VirtioFeatures.GuestOffloads)) != 0)
            return false;

        state.GuestOffloads = wanted;
        options.Accept((VirtioFeatures)wanted);
        foreach (QueuePair pair in pairs)
            pair.Receive.WaitForBurst();
        return true;
    }
}
