using System.Buffers.Binary;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// The Changed Namespace List (NVMe 2.0, 5.16.1.5): which namespaces changed since the host last read it. Any thread.
/// </summary>
internal sealed class ChangedNamespaces
{
    /// <summary>Bytes of the log page.</summary>
    public const int Length = Capacity * sizeof(uint);

    private const int Capacity = 1024;

    private readonly Lock _gate = new();
    private readonly uint[] _changed = new uint[Capacity];
    private int _count;
    private bool _isOverflown;

    /// <summary>Adds a namespace, in order, once.</summary>
    public void Add(uint namespaceId)
    {
        lock (_gate)
        {
            int index = Array.BinarySearch(_changed, 0, _count, namespaceId);
            if (index >= 0 || _isOverflown)
                return;
            _isOverflown = _count == Capacity;
            if (_isOverflown)
                return;
            Array.Copy(_changed, ~index, _changed, ~index + 1, _count - ~index);
            _changed[~index] = namespaceId;
            _count++;
        }
    }

    /// <summary>The log page. Read without RAE the list is empty afterwards.</summary>
    public void Fill(Span<byte> page, bool retains)
    {
        page.Clear();
        lock (_gate)
        {
            if (_isOverflown)
                BinaryPrimitives.WriteUInt32LittleEndian(page, uint.MaxValue);
            for (int i = 0; i < _count && !_isOverflown; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(page[(i * sizeof(uint))..], _changed[i]);
            if (!retains)
                Clear();
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _count = 0;
            _isOverflown = false;
        }
    }
}
