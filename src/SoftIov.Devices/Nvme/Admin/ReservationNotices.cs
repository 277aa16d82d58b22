using System.Buffers.Binary;

namespace SoftIov.Devices.Nvme;

/// <summary>The Reservation Notification log pages that wait (NVMe 1.4, 5.14.1.9.1), oldest first. Any thread.</summary>
internal sealed class ReservationNotices
{
    /// <summary>Bytes of the log page.</summary>
    public const int Length = 64;

    private const int Capacity = 64;

    private readonly Lock _gate = new();
    private readonly Queue<(ulong Number, uint NamespaceId, ReservationNotice Notice)> _waiting = new(Capacity);
    private ulong _count;

    /// <summary>Adds a notice; when there are too many the oldest is lost, which the number of the next one shows.</summary>
    public void Add(uint namespaceId, ReservationNotice notice)
    {
        lock (_gate)
        {
            if (_waiting.Count == Capacity)
                _waiting.Dequeue();
            _waiting.Enqueue((++_count, namespaceId, notice));
        }
    }

    /// <summary>The oldest notice, which goes when it is read without RAE; zeroes when there is none.</summary>
    public void Fill(Span<byte> page, bool retains)
    {
        page.Clear();
        lock (_gate)
        {
            if (!_waiting.TryPeek(out (ulong Number, uint NamespaceId, ReservationNotice Notice) oldest))
                return;
            BinaryPrimitives.WriteUInt64LittleEndian(page, oldest.Number);
            page[8] = (byte)oldest.Notice;
            page[9] = (byte)Math.Min(_waiting.Count - 1, byte.MaxValue);
            BinaryPrimitives.WriteUInt32LittleEndian(page[12..], oldest.NamespaceId);
            if (!retains)
                _waiting.Dequeue();
        }
    }
}
