namespace SoftIov.Datapath;

/// <summary>Sorts admitted frames by destination and hands each receiver its share of the burst at once.</summary>
internal static class Forwarder
{
    public static void Forward(FrameBatch batch, FrameSet frames, Station from, ForwardingTable table)
    {
        Dispatch dispatch = batch.Dispatch;
        dispatch.Start(table.Stations.Length);
        MacAddress lastAddress = default;
        int lastDomain = -1;
        Station? owner = null;
        foreach (int i in frames)
        {
            ref Frame frame = ref batch[i];
            MacAddress destination = frame.Destination;
            int domain = frame.Tag.Domain;
            if (destination.IsMulticast)
            {
                FloodGroup(dispatch, i, destination, domain, from, table);
                continue;
            }

            // Frames of a burst mostly go the same way.
            if (destination != lastAddress || domain != lastDomain)
            {
                owner = table.FindOwner(destination, domain);
                lastAddress = destination;
                lastDomain = domain;
            }

            if (owner is null)
            {
                SendUnknown(dispatch, i, domain, from, table);
            }
            else if (owner != from && owner.WantsUnicast(domain))
            {
                dispatch.Add(owner.Index, i);
            }
        }

        foreach (int index in dispatch.Destinations)
        {
            Egress.Deliver(batch, dispatch.Take(index), table.Stations[index]!);
        }

        dispatch.Finish();
    }

    /// <summary>Nobody here owns it: the uplink may know, and trusted promiscuous ports want to see it.</summary>
    private static void SendUnknown(Dispatch dispatch, int frame, int domain, Station from, ForwardingTable table)
    {
        if (table.Uplink is { } uplink && uplink != from)
        {
            dispatch.Add(uplink.Index, frame);
        }

        foreach (Station station in table.Promiscuous)
        {
            if (station != from && station.IsMember(domain))
            {
                dispatch.Add(station.Index, frame);
            }
        }
    }

    private static void FloodGroup(
        Dispatch dispatch, int frame, MacAddress destination, int domain, Station from, ForwardingTable table)
    {
        bool reserved = Ingress.IsReserved(destination);
        foreach (Station station in table.Unrestricted)
        {
            if (station != from && station.IsMember(domain) && station.WantsGroup(destination, domain) && MayCross(reserved, from, station))
            {
                dispatch.Add(station.Index, frame);
            }
        }

        foreach (Station station in table.WithPortVlan(domain))
        {
            if (station != from && station.WantsGroup(destination, domain) && MayCross(reserved, from, station))
            {
                dispatch.Add(station.Index, frame);
            }
        }
    }

    /// <summary>Link-local frames are between the wire and trusted functions, never between functions.</summary>
    private static bool MayCross(bool reserved, Station from, Station to) =>
        !reserved || (from.IsUplink ? to.Trusted : to.IsUplink);
}
