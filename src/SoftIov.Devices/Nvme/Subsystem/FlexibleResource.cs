using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// Queues or interrupts that move between the primary controller and the secondary ones (NVMe 1.4, 8.5). A total of 0 is a type that cannot be
/// moved. Not synchronized.
/// </summary>
internal sealed class FlexibleResource(int total, int privateToPrimary, int mostPerSecondary, int secondaries)
{
    private readonly int[] _assigned = new int[secondaries];
    private int _primaryAfterReset;
    private int _primary;

    /// <summary>What secondary controllers have together.</summary>
    public int Assigned { get; private set; }

    /// <summary>What the primary controller has, its own and what is allocated to it.</summary>
    public int OfPrimary => privateToPrimary + _primary;

    /// <summary>True when some can be moved.</summary>
    public bool IsFlexible => total > 0;

    /// <summary>What a secondary controller has.</summary>
    public int OfSecondary(int vf) => _assigned[vf];

    /// <summary>Allocates some to the primary controller; it has them from its next reset on, and nobody else does from now on.</summary>
    public NvmeStatus Allocate(int count)
    {
        if (count > total)
            return NvmeStatus.InvalidNumberOfResources;
        if (count > total - Assigned)
            return NvmeStatus.InvalidResourceId;
        _primaryAfterReset = count;
        return NvmeStatus.Success;
    }

    /// <summary>Gives a secondary controller so many instead of what it has.</summary>
    public NvmeStatus Assign(int vf, int count)
    {
        if (count > mostPerSecondary)
            return NvmeStatus.InvalidNumberOfResources;
        int others = Assigned - _assigned[vf] + Math.Max(_primary, _primaryAfterReset);
        if (count > total - others)
            return NvmeStatus.InvalidResourceId;
        Assigned += count - _assigned[vf];
        _assigned[vf] = count;
        return NvmeStatus.Success;
    }

    /// <summary>Takes back what a secondary controller has.</summary>
    public void Release(int vf)
    {
        Assigned -= _assigned[vf];
        _assigned[vf] = 0;
    }

    /// <summary>The primary controller was reset: what was allocated counts.</summary>
    public void Apply() => _primary = _primaryAfterReset;

    /// <summary>The 16 bytes of Primary Controller Capabilities that tell of a type (NVMe 1.4, figure 261).</summary>
    public void Describe(Span<byte> data)
    {
        BinaryPrimitives.WriteInt32LittleEndian(data, total);
        BinaryPrimitives.WriteInt32LittleEndian(data[4..], Assigned);
        BinaryPrimitives.WriteUInt16LittleEndian(data[8..], (ushort)_primary);
        BinaryPrimitives.WriteUInt16LittleEndian(data[10..], (ushort)privateToPrimary);
        BinaryPrimitives.WriteUInt16LittleEndian(data[12..], (ushort)(IsFlexible ? mostPerSecondary : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(data[14..], (ushort)(IsFlexible ? 1 : 0));
    }
}
