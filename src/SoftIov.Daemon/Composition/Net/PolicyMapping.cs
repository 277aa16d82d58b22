using SoftIov.Api;
using SoftIov.Daemon.Personalities;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>The operator's words for a VF as rules of its port. The words were validated before.</summary>
internal static class PolicyMapping
{
    private const ushort Tag8021Q = 0x8100;
    private const ushort Tag8021Ad = 0x88A8;

    /// <summary>Rules of the port.</summary>
    public static VfPolicy ToPort(NetVfSpec spec) => new()
    {
        Mac = MacAddress.TryParse(spec.Mac, out MacAddress mac) ? mac : default,
        Vlan = (ushort)spec.Vlan,
        Qos = (byte)spec.Qos,
        VlanProtocol = spec.Proto == VlanProtocol.Dot1Ad ? Tag8021Ad : Tag8021Q,
        Trunk = spec.Trunk is { } trunk ? VlanRanges.Parse(trunk) ?? VlanSet.All : VlanSet.All,
        SpoofCheck = spec.Spoofchk,
        Trust = spec.Trust,
        LinkState = spec.State switch
        {
            VfLinkState.Enable => LinkState.Enable,
            VfLinkState.Disable => LinkState.Disable,
            _ => LinkState.Auto,
        },
        MinTxRateMegabits = spec.MinTxRateMegabits,
        MaxTxRateMegabits = spec.MaxTxRateMegabits,
    };
}
