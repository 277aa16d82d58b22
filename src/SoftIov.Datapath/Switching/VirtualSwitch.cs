namespace SoftIov.Datapath;

/// <summary>
/// The virtual Ethernet bridge (VEB) of one adapter. Ports are the PF, the VFs and the uplink. Unicast goes to the port that owns the
/// address, unknown to the uplink, groups by VLAN membership, nothing back to its sender. Forwarding takes no lock: tables are immutable
/// and swapped by control code.
/// </summary>
public sealed class VirtualSwitch
{
    /// <summary>An empty switch.</summary>
    public VirtualSwitch(TimeProvider time) => throw new NotImplementedException();

    /// <summary>
    /// Adds the port of function <paramref name="function"/> (0 the PF, n VF n) with a policy (<see cref="VfPolicy.Physical"/> suits a PF)
    /// and the address it has when neither operator nor driver set one.
    /// </summary>
    public SwitchPort AddFunctionPort(int function, VfPolicy policy, MacAddress permanentAddress = default) => throw new NotImplementedException();

    /// <summary>Adds the uplink port.</summary>
    public SwitchPort AddUplinkPort(IFramePort uplink) => throw new NotImplementedException();

    /// <summary>The uplink's carrier came or went: ports whose link-state is auto follow.</summary>
    public void SetUplinkCarrier(bool up) => throw new NotImplementedException();

    /// <summary>Takes a port out. No frame reaches it after the next quiet point.</summary>
    public void RemovePort(SwitchPort port) => throw new NotImplementedException();
}
