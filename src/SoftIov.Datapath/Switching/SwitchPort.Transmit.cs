namespace SoftIov.Datapath;

/// <content>The fast path from a function into the switch. Called by pollers; takes no lock and allocates nothing.</content>
public sealed partial class SwitchPort
{
    /// <summary>
    /// How many bytes may be sent now under max_tx_rate; when 0, the time to ask again in <paramref name="retryAtTicks"/> (for
    /// <see cref="PollContext.WakeAt"/>). A frame may be sent while the answer is positive although it is longer: the rest becomes a debt.
    /// </summary>
    public int TransmitCreditBytes(long nowTicks, out long retryAtTicks) => _rate.CreditBytes(nowTicks, out retryAtTicks);

    /// <summary>Pays for bytes that were sent.</summary>
    internal void Charge(long bytes, long nowTicks) => _rate.Charge(bytes, nowTicks);

    /// <summary>Applies policy to the frames, looks their destinations up and delivers. The batch's heads may be edited on the way.</summary>
    public void Transmit(FrameBatch batch, long nowTicks)
    {
        ForwardingTable table = _switch.Table;
        int index = Index;
        Station? from = (uint)index < (uint)table.Stations.Length ? table.Stations[index] : null;
        if (from is null || !from.LinkUp || from.Port != this)
        {
            Counters.AddTransmitDrops(batch.Count, 0, 0);
            return;
        }

        Capture?.Record(batch, FrameSet.First(batch.Count), CaptureDirection.Sent);
        FrameSet admitted = Admit(batch, from, out long bytes);
        if (admitted.IsEmpty)
        {
            return;
        }

        Charge(bytes, nowTicks);
        Counters.AddTransmitted(admitted.Count, bytes);
        Forwarder.Forward(batch, admitted, from, table);
    }

    private FrameSet Admit(FrameBatch batch, Station from, out long bytes)
    {
        FrameSet admitted = FrameSet.None;
        bytes = 0;
        int spoofed = 0;
        int vlan = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            int length = batch[i].Length;
            FrameVerdict verdict = Ingress.Admit(batch, i, from);
            if (verdict == FrameVerdict.Admit)
            {
                admitted = admitted.With(i);
                bytes += length;
            }

            spoofed += verdict == FrameVerdict.Spoofed ? 1 : 0;
            vlan += verdict == FrameVerdict.Vlan ? 1 : 0;
        }

        int dropped = batch.Count - admitted.Count;
        if (dropped != 0)
        {
            Counters.AddTransmitDrops(dropped, spoofed, vlan);
        }

        return admitted;
    }
}
