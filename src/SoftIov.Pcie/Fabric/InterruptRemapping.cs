using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// Interrupt layer of the root complex, after VT-d's: an entry names the one routing id that may use it (SVT 1). A message from any other
/// is refused and recorded.
/// </summary>
internal sealed class InterruptRemapping(DmaFaultLog faults) : IMessageSignal
{
    private const ulong MessageAddress = 0xFEE0_0000;

    private readonly Lock _gate = new();
    private Entry[] _entries = [];

    /// <summary>Messages that no entry takes.</summary>
    public long Unrouted { get; private set; }

    /// <summary>An entry for <paramref name="source"/>: the address and data to put into its MSI-X table.</summary>
    public (ulong Address, uint Data) Route(RequesterId source, Action deliver)
    {
        lock (_gate)
        {
            _entries = [.. _entries, new Entry(source, deliver)];
            return (MessageAddress, (uint)_entries.Length - 1);
        }
    }

    public void Send(in InterruptMessage message)
    {
        Entry[] entries = Volatile.Read(ref _entries);
        if (message.Address != MessageAddress || message.Data >= (uint)entries.Length)
            Unrouted++;
        else if (entries[message.Data].Source != message.Requester)
            faults.Record(new(message.Requester, message.Address, IsWrite: true, DmaFaultReason.InterruptSourceMismatch));
        else
            entries[message.Data].Deliver();
    }

    private sealed record Entry(RequesterId Source, Action Deliver);
}
