namespace SoftIov.Datapath;

/// <summary>One port of the switch: what a device function transmits into, and what the operator's policy and counters hang on.</summary>
public sealed class SwitchPort
{
    internal SwitchPort()
    {
    }

    /// <summary>The operator's rules. Replaced whole; pollers see the old or the new one.</summary>
    public VfPolicy Policy { get; set; } = VfPolicy.Default;

    /// <summary>Counters named as <c>ip -s link</c> names them.</summary>
    public PortCounters Counters { get; } = new();

    /// <summary>What the driver asked to receive. Untrusted ports get no promiscuous modes although they ask.</summary>
    public ReceiveFilter Filter { get; set; } = ReceiveFilter.AtReset;

    /// <summary>
    /// The port's own address: the operator's, or the driver's where that is allowed, or the permanent one. Zero when it has none yet.
    /// What the device shows as config mac.
    /// </summary>
    public MacAddress MacAddress => throw new NotImplementedException();

    /// <summary>Largest payload of an Ethernet frame in bytes, 68..65535; longer frames are dropped in both directions.</summary>
    public int Mtu { get; set; } = 1500;

    /// <summary>Link as the function shall see it: policy's link-state, or the uplink's when that is auto.</summary>
    public bool LinkUp => throw new NotImplementedException();

    /// <summary>Raised on control threads when <see cref="LinkUp"/> changed.</summary>
    public event Action? LinkChanged;

    /// <summary>Connects the receiving side; null disconnects (frames are then dropped). Set by the device at DRIVER_OK and reset; after the next
    /// quiet point no poller is inside the receiver that was there before.</summary>
    public void Connect(IFramePort? receiver) => throw new NotImplementedException();

    /// <summary>
    /// The driver wants another MAC address. False when policy forbids it (an administratively set MAC on an untrusted VF, a group or
    /// zero address, or another port's).
    /// </summary>
    public bool TrySetDriverMacAddress(MacAddress address) => throw new NotImplementedException();

    /// <summary>The function was reset: filter and address are again what they were before a driver spoke.</summary>
    public void ResetDriverState() => throw new NotImplementedException();

    /// <summary>
    /// How many bytes may be sent now under max_tx_rate; when 0, the time to ask again in <paramref name="retryAtTicks"/> (for
    /// <see cref="PollContext.WakeAt"/>). A frame may be sent while the answer is positive although it is longer: the rest becomes a debt.
    /// </summary>
    public int TransmitCreditBytes(long nowTicks, out long retryAtTicks) => throw new NotImplementedException();

    /// <summary>Applies policy to the frames, looks their destinations up and delivers. The batch's heads may be edited on the way.</summary>
    public void Transmit(FrameBatch batch, long nowTicks) => throw new NotImplementedException();

    internal void OnLinkChanged() => LinkChanged?.Invoke();
}
