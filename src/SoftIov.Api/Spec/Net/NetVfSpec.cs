using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>
/// What the operator wants of one VF of a net adapter, in the words of <c>ip link set dev PF vf N</c> (ip-link(8)); the same words are keys in the
/// configuration file and in <c>softiov set</c>.
/// </summary>
/// <param name="Mac">mac: administratively set address; null when the VF keeps its own.</param>
/// <param name="Vlan">vlan: port VLAN 1..4094, 0 none.</param>
/// <param name="Qos">qos: priority 0..7 of the port VLAN.</param>
/// <param name="Proto">proto: tag protocol of the port VLAN.</param>
/// <param name="Trunk">trunk: VLAN ids the guest may tag itself, as ranges like <c>10,20-29</c>; null allows all.</param>
/// <param name="Spoofchk">spoofchk: frames whose source is not the VF's address are dropped and counted.</param>
/// <param name="Trust">trust: the VF may be promiscuous and change an address the operator set.</param>
/// <param name="State">state: the link as the VF sees it.</param>
/// <param name="MinTxRateMegabits">min_tx_rate: Mbit/s guaranteed under contention, 0 none.</param>
/// <param name="MaxTxRateMegabits">max_tx_rate: Mbit/s, 0 no limit.</param>
/// <param name="Interrupts">interrupts: MSI-X, or INTx only so that today's QEMU can unplug the VF.</param>
/// <param name="Transport">transport: how it is served.</param>
/// <param name="FrontEnd">transport: with vhost-user, socket of a front-end that is connected to; null when front-ends connect.</param>
/// <param name="Owner">owner: user name or id that holds the lease; null leaves it to root and the daemon's own user.</param>
public sealed record NetVfSpec(
    string? Mac = null,
    int Vlan = 0,
    int Qos = 0,
    VlanProtocol Proto = VlanProtocol.Dot1Q,
    string? Trunk = null,
    bool Spoofchk = true,
    bool Trust = false,
    VfLinkState State = VfLinkState.Auto,
    [property: JsonPropertyName("min_tx_rate")] int MinTxRateMegabits = 0,
    [property: JsonPropertyName("max_tx_rate")] int MaxTxRateMegabits = 0,
    InterruptMode Interrupts = InterruptMode.Msix,
    VfTransport Transport = VfTransport.VfioUser,
    string? FrontEnd = null,
    string? Owner = null) : VfSpec(Interrupts, Owner)
{
    /// <summary>A VF nobody spoke about: spoofchk on, trust off, state auto, no VLAN, no limits, MSI-X.</summary>
    public static NetVfSpec Default { get; } = new();
}
