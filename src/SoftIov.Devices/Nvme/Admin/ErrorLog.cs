using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>The newest commands that failed (Error Information, NVMe 2.0, 5.16.1.2). Poller only; resets do not clear it.</summary>
internal sealed class ErrorLog
{
    /// <summary>ELPE + 1.</summary>
    public const int Entries = 64;

    /// <summary>Bytes of the log page.</summary>
    public const int Length = Entries * EntryLength;

    private const int EntryLength = 64;

    private readonly Entry[] _entries = new Entry[Entries];
    private ulong _count;

    /// <summary>Errors so far.</summary>
    public ulong Count => _count;

    /// <summary>Adds a command that failed.</summary>
    public void Add(int queue, ushort commandId, NvmeStatus status, uint namespaceId, ulong block) =>
        _entries[_count++ % Entries] = new Entry((ushort)queue, commandId, status, namespaceId, block);

    /// <summary>The log page, newest first.</summary>
    public void Fill(Span<byte> page)
    {
        page.Clear();
        for (ulong back = 0; back < Math.Min(_count, Entries); back++)
        {
            Entry entry = _entries[(_count - 1 - back) % Entries];
            Span<byte> at = page.Slice((int)back * EntryLength, EntryLength);
            BinaryPrimitives.WriteUInt64LittleEndian(at, _count - back);
            BinaryPrimitives.WriteUInt16LittleEndian(at[8..], entry.Queue);
            BinaryPrimitives.WriteUInt16LittleEndian(at[10..], entry.CommandId);
            BinaryPrimitives.WriteUInt16LittleEndian(at[12..], (ushort)((int)entry.Status << 1));
            BinaryPrimitives.WriteUInt16LittleEndian(at[14..], ushort.MaxValue);
            BinaryPrimitives.WriteUInt64LittleEndian(at[16..], entry.Block);
            BinaryPrimitives.WriteUInt32LittleEndian(at[24..], entry.NamespaceId);
        }
    }

    private readonly record struct Entry(ushort Queue, ushort CommandId, NvmeStatus Status, uint NamespaceId, ulong Block);
}
