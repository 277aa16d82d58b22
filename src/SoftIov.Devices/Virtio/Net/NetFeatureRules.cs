using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Which features a network function offers, and which need which (virtio 1.4, 5.1.3.1).</summary>
internal static class NetFeatureRules
{
    private const VirtioFeatures Always =
        VirtioFeatures.Version1 | VirtioFeatures.AccessPlatform | VirtioFeatures.RingPacked | VirtioFeatures.InOrder
        | VirtioFeatures.IndirectDesc | VirtioFeatures.EventIdx | VirtioFeatures.RingReset
        | VirtioFeatures.Csum | VirtioFeatures.HostTso4 | VirtioFeatures.HostTso6 | VirtioFeatures.HostEcn | VirtioFeatures.HostUso
        | VirtioFeatures.GuestOffloads | VirtioFeatures.CtrlGuestOffloads
        | VirtioFeatures.Mac | VirtioFeatures.Mtu | VirtioFeatures.Status | VirtioFeatures.SpeedDuplex | VirtioFeatures.MrgRxbuf
        | VirtioFeatures.CtrlVq | VirtioFeatures.CtrlRx | VirtioFeatures.CtrlRxExtra | VirtioFeatures.CtrlVlan
        | VirtioFeatures.CtrlMacAddr | VirtioFeatures.GuestAnnounce | VirtioFeatures.NotfCoal | VirtioFeatures.VqNotfCoal;

    /// <summary>
    /// What is the rings' and the data path's. The rest is the registers', the control queue's or the addresses'. Not RING_RESET: no message
    /// says that a driver reset one, and QEMU gives it to the driver wherever it is offered.
    /// </summary>
    private const VirtioFeatures OfRings =
        VirtioFeatures.Version1 | VirtioFeatures.RingPacked | VirtioFeatures.InOrder | VirtioFeatures.IndirectDesc | VirtioFeatures.EventIdx
        | VirtioFeatures.Csum | VirtioFeatures.HostTso4 | VirtioFeatures.HostTso6 | VirtioFeatures.HostEcn | VirtioFeatures.HostUso
        | VirtioFeatures.GuestOffloads | VirtioFeatures.Mtu | VirtioFeatures.MrgRxbuf | VirtioFeatures.GuestAnnounce
        | VirtioFeatures.Mq;

    /// <summary>Only where there is a choice of queues: Linux asks for every hash it can get, and each costs time per frame.</summary>
    private const VirtioFeatures SeveralPairs = VirtioFeatures.Mq | VirtioFeatures.Rss | VirtioFeatures.HashReport;

    /// <summary>Each row: a feature, and those of which at least one must come with it. Two rows for two needs.</summary>
    private static readonly (VirtioFeatures Feature, VirtioFeatures NeedsOneOf)[] Needs =
    [
        (VirtioFeatures.GuestTso4, VirtioFeatures.GuestCsum),
        (VirtioFeatures.GuestTso6, VirtioFeatures.GuestCsum),
        (VirtioFeatures.GuestEcn, VirtioFeatures.GuestTso4 | VirtioFeatures.GuestTso6),
        (VirtioFeatures.GuestUso4, VirtioFeatures.GuestCsum),
        (VirtioFeatures.GuestUso6, VirtioFeatures.GuestCsum),
        (VirtioFeatures.HostTso4, VirtioFeatures.Csum),
        (VirtioFeatures.HostTso6, VirtioFeatures.Csum),
        (VirtioFeatures.HostEcn, VirtioFeatures.HostTso4 | VirtioFeatures.HostTso6),
        (VirtioFeatures.HostUso, VirtioFeatures.Csum),
        (VirtioFeatures.CtrlRx, VirtioFeatures.CtrlVq),
        (VirtioFeatures.CtrlRxExtra, VirtioFeatures.CtrlVq),
        (VirtioFeatures.CtrlVlan, VirtioFeatures.CtrlVq),
        (VirtioFeatures.CtrlMacAddr, VirtioFeatures.CtrlVq),
        (VirtioFeatures.CtrlGuestOffloads, VirtioFeatures.CtrlVq),
        (VirtioFeatures.GuestAnnounce, VirtioFeatures.CtrlVq),
        (VirtioFeatures.Mq, VirtioFeatures.CtrlVq),
        (VirtioFeatures.Rss, VirtioFeatures.CtrlVq),
        (VirtioFeatures.NotfCoal, VirtioFeatures.CtrlVq),
        (VirtioFeatures.VqNotfCoal, VirtioFeatures.CtrlVq),
    ];

    /// <summary>
    /// What a function with these settings offers. A masked feature takes along those that need it, since Linux refuses a device whose
    /// offer contradicts itself.
    /// </summary>
    public static VirtioFeatures Offered(NetFunctionSettings settings)
    {
        VirtioFeatures offered = Always;
        if (settings.QueuePairs > 1)
            offered |= SeveralPairs;
        if (settings.HasSriovCapability)
            offered |= VirtioFeatures.SrIov;

        offered &= ~settings.MaskedFeatures | VirtioFeatures.Version1;
        for (VirtioFeatures before = VirtioFeatures.None; before != offered;)
        {
            before = offered;
            foreach ((VirtioFeatures feature, VirtioFeatures needs) in Needs)
                offered = (offered & needs) == 0 ? offered & ~feature : offered;
        }

        // Linux asks for the hash configuration by the control queue as soon as it sees the report.
        return (offered & VirtioFeatures.CtrlVq) == 0 ? offered & ~VirtioFeatures.HashReport : offered;
    }

    /// <summary>Of what a function offers, what a front-end that keeps its registers can have.</summary>
    public static VirtioFeatures ForRings(VirtioFeatures offered) => offered & OfRings;

    /// <summary>
    /// A driver's choice by way of a front-end, as the rings need it; null when it contradicts itself. Control queue and announcements are the
    /// front-end's, and how many of the pairs are used shows in what it starts.
    /// </summary>
    public static VirtioFeatures? Chosen(VirtioFeatures features, VirtioFeatures offered)
    {
        if ((features & ~offered) != 0 || (features & VirtioFeatures.Version1) == 0 || !AreConsistent(features | VirtioFeatures.CtrlVq))
            return null;
        return (features & ~VirtioFeatures.GuestAnnounce) | (offered & VirtioFeatures.Mq);
    }

    /// <summary>Queue pairs that exist once these features were negotiated (virtio 1.4, 5.1.2).</summary>
    public static int UsablePairs(VirtioFeatures features, int pairs) =>
        (features & (VirtioFeatures.Mq | VirtioFeatures.Rss)) != 0 ? pairs : 1;

    /// <summary>Whether a driver's choice satisfies every need.</summary>
    public static bool AreConsistent(VirtioFeatures features)
    {
        foreach ((VirtioFeatures feature, VirtioFeatures needs) in Needs)
        {
            if ((features & feature) != 0 && (features & needs) == 0)
                return false;
        }

        return true;
    }
}
