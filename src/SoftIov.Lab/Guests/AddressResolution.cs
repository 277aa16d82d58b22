using System.Collections.Concurrent;

namespace SoftIov.Lab.Guests;

/// <summary>ARP of one card (RFC 826): answers for the card's addresses, asks for those of others and remembers them.</summary>
internal sealed class AddressResolution(GuestNic nic)
{
    // The shortest Ethernet frame, without the checksum that nobody sees.
    private const int FrameLength = 60;
    private const int MostTries = 3;
    private static readonly TimeSpan TryTime = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<Ipv4Address, EthernetAddress> _known = new();
    private readonly object _learned = new();

    /// <summary>The MAC address of a neighbour; null when nobody answers. On the receiving thread only for who is known.</summary>
    public EthernetAddress? Resolve(Ipv4Address peer)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (_known.TryGetValue(peer, out EthernetAddress address))
                return address;
            if (nic.SourceFor(peer) is not { } source)
                return null;

            lock (_learned)
            {
                Send(EthernetAddress.Broadcast, new ArpMessage(ArpMessage.Request, nic.Hardware, source, default, peer));
                if (!_known.ContainsKey(peer))
                    Monitor.Wait(_learned, TryTime);
            }
        }

        return _known.TryGetValue(peer, out EthernetAddress late) ? late : null;
    }

    /// <summary>A message came in.</summary>
    public void Receive(in ArpMessage message)
    {
        if (!nic.Has(message.TargetAddress))
            return;

        Learn(message.SenderAddress, message.SenderHardware);
        if (message.Operation == ArpMessage.Request)
        {
            Send(message.SenderHardware, new ArpMessage(
                ArpMessage.Reply, nic.Hardware, message.TargetAddress, message.SenderHardware, message.SenderAddress));
        }
    }

    /// <summary>A neighbour's address is known from elsewhere.</summary>
    public void Learn(Ipv4Address peer, EthernetAddress hardware)
    {
        if (_known.TryGetValue(peer, out EthernetAddress known) && known == hardware)
            return;

        _known[peer] = hardware;
        lock (_learned)
            Monitor.PulseAll(_learned);
    }

    private void Send(EthernetAddress destination, in ArpMessage message)
    {
        Span<byte> frame = stackalloc byte[FrameLength];
        frame.Clear();
        new EthernetHeader(destination, nic.Hardware, EthernetHeader.Arp).Write(frame);
        message.Write(frame[EthernetHeader.Length..]);
        nic.TrySendFrame(frame);
    }
}
