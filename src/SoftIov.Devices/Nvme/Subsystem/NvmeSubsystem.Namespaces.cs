using System.Collections.Immutable;
using System.Security.Cryptography;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>The subsystem's namespaces: creation, attachment, deletion.</summary>
public sealed partial class NvmeSubsystem
{
    /// <summary>First 24 bits of every EUI-64: a locally administered OUI, since SoftIov has none of its own.</summary>
    private const uint OuiValue = 0x525400;

    /// <summary>The OUI in Identify Controller, the least significant byte first.</summary>
    internal static ReadOnlySpan<byte> Oui => [0x00, 0x54, 0x52];

    /// <summary>Creates a namespace that reads as zeroes and is attached to nobody (NVMe 1.4, 5.20).</summary>
    /// <param name="blockCount">Its blocks (NSZE).</param>
    /// <param name="format">LBA format: 0 is 512 bytes a block, 1 is 4096.</param>
    /// <param name="isShared">True when several controllers may have it (NMIC).</param>
    /// <param name="id">Its identifier.</param>
    /// <param name="wanted">The identifier it shall have; 0 for the lowest that is free.</param>
    public NvmeStatus Create(ulong blockCount, int format, bool isShared, out uint id, uint wanted = 0)
    {
        id = 0;
        if (!HasFormat(format))
            return NvmeStatus.InvalidFormat;
        if (blockCount == 0)
            return NvmeStatus.InvalidField;
        if (blockCount > (ulong)TotalCapacity >> LbaFormat.Shift(format))
            return NvmeStatus.NamespaceInsufficientCapacity;
        lock (_management)
        {
            if (Refusal != NvmeStatus.Success)
                return Refusal;
            uint free = _record.FirstFreeId;
            if (wanted != 0)
                free = _record.Find(wanted) is null ? wanted : uint.MaxValue;
            if (free > Settings.MaxNamespaces)
                return NvmeStatus.NamespaceIdUnavailable;
            long length = (long)blockCount << LbaFormat.Shift(format);
            if (!_capacity.TryAllocate(length, out ImmutableArray<Extent> extents))
                return NvmeStatus.NamespaceInsufficientCapacity;
            NamespaceRecord record = Describe(free, length, format, isShared, extents);
            try
            {
                Erase(extents);
                Commit(was => was.With(record));
            }
            catch (IOException)
            {
                _capacity.Release(extents.AsSpan());
                return NvmeStatus.InternalError;
            }

            Place(free, new Namespace(record, new Reservations(record, this), _erased));
            id = free;
            return NvmeStatus.Success;
        }
    }

    /// <summary>Attaches a namespace to controllers: to all of them or, on any error, to none (NVMe 1.4, 5.19).</summary>
    public NvmeStatus Attach(uint id, ReadOnlySpan<ushort> controllers)
    {
        lock (_management)
        {
            NvmeStatus status = FindAllocated(id, out NamespaceRecord? record);
            if (status == NvmeStatus.Success)
                status = CheckControllers(controllers);
            if (status != NvmeStatus.Success)
                return status;
            foreach (ushort controller in controllers)
            {
                if (record!.Controllers.Contains(controller))
                    return NvmeStatus.NamespaceAlreadyAttached;
            }

            if (!record!.IsShared && record.Controllers.Length + controllers.Length > 1)
                return NvmeStatus.NamespaceIsPrivate;
            ImmutableArray<ushort> added = [.. controllers];
            return ChangeAttachment(record with { Controllers = record.Controllers.AddRange(added).Sort() }, added);
        }
    }

    /// <summary>Detaches a namespace from controllers: from all of them or, on any error, from none. Then none starts another command.</summary>
    public NvmeStatus Detach(uint id, ReadOnlySpan<ushort> controllers)
    {
        lock (_management)
        {
            NvmeStatus status = FindAllocated(id, out NamespaceRecord? record);
            if (status == NvmeStatus.Success)
                status = CheckControllers(controllers);
            if (status != NvmeStatus.Success)
                return status;
            foreach (ushort controller in controllers)
            {
                if (!record!.Controllers.Contains(controller))
                    return NvmeStatus.NamespaceNotAttached;
            }

            ImmutableArray<ushort> removed = [.. controllers];
            status = ChangeAttachment(record! with { Controllers = record!.Controllers.RemoveRange(removed) }, removed);
            if (status == NvmeStatus.Success)
                _quiescence.WaitForQuietPoint();
            return status;
        }
    }

    /// <summary>
    /// Deletes a namespace, or all of them for FFFFFFFFh, and its data, attached or not (NVMe 1.4, 5.20). Waits until no command uses it.
    /// </summary>
    public NvmeStatus Delete(uint id)
    {
        lock (_management)
        {
            if (Refusal != NvmeStatus.Success)
                return Refusal;
            ImmutableArray<NamespaceRecord> doomed = _record.Namespaces;
            if (id != AllNamespaces)
            {
                NvmeStatus status = FindAllocated(id, out NamespaceRecord? record);
                if (status != NvmeStatus.Success)
                    return status;
                doomed = [record!];
            }

            foreach (NamespaceRecord record in doomed)
            {
                if (Allocated[record.Id]!.Protection != WriteProtection.None)
                    return NvmeStatus.NamespaceWriteProtected;
            }

            return Delete(doomed);
        }
    }

    private NvmeStatus Delete(ImmutableArray<NamespaceRecord> doomed)
    {
        if (!TryCommit(was => was with { Namespaces = was.Namespaces.RemoveAll(each => ContainsId(doomed, each.Id)) }))
            return NvmeStatus.InternalError;
        foreach (NamespaceRecord record in doomed)
        {
            Namespace closed = Allocated[record.Id]!;
            closed.Close(NvmeStatus.InvalidField);
            Place(record.Id, null);
            Publish(record.Controllers, record.Id);
            _quiescence.WaitForQuietPoint();
            closed.WaitUntilDrained();
            GiveBack(record.Extents);
        }

        return NvmeStatus.Success;
    }

    /// <summary>Saves and shows other controllers of a namespace.</summary>
    private NvmeStatus ChangeAttachment(NamespaceRecord record, ImmutableArray<ushort> changed)
    {
        if (!TryCommit(was => was.With(was.Find(record.Id)! with { Controllers = record.Controllers })))
            return NvmeStatus.InternalError;
        Publish(changed, record.Id);
        return NvmeStatus.Success;
    }

    /// <summary>
    /// The record of a namespace to manage; else Invalid Namespace or Format out of range, Invalid Field when nobody has the number, or what a
    /// sanitize operation has everything answered with.
    /// </summary>
    private NvmeStatus FindAllocated(uint id, out NamespaceRecord? record)
    {
        NvmeStatus status = Refusal == NvmeStatus.Success ? Allocated.Find(id, out _) : Refusal;
        record = status == NvmeStatus.Success ? Record.Find(id) : null;
        return status;
    }

    /// <summary>Every controller of a list exists and is there once.</summary>
    private NvmeStatus CheckControllers(ReadOnlySpan<ushort> controllers)
    {
        for (int i = 0; i < controllers.Length; i++)
        {
            if (!HasController(controllers[i]) || controllers[..i].Contains(controllers[i]))
                return NvmeStatus.ControllerListInvalid;
        }

        return controllers.IsEmpty ? NvmeStatus.ControllerListInvalid : NvmeStatus.Success;
    }

    /// <summary>Returns extents, and their space to whoever lent it. When that fails they are free all the same: creation zeroes them.</summary>
    private void GiveBack(ImmutableArray<Extent> extents)
    {
        try
        {
            Erase(extents);
        }
        catch (IOException)
        {
            DeallocationFailures++;
        }

        _capacity.Release(extents.AsSpan());
    }

    private static NamespaceRecord Describe(uint id, long length, int format, bool isShared, ImmutableArray<Extent> extents)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        ulong low = BitConverter.ToUInt64(random) & 0xFF_FFFF_FFFF;
        ulong eui64 = ((ulong)OuiValue << 40) | low;
        return new NamespaceRecord
        {
            Id = id,
            Length = length,
            Format = format,
            IsShared = isShared,
            Uuid = Guid.NewGuid(),
            Nguid = new UInt128(BitConverter.ToUInt64(random[8..]), eui64),
            Eui64 = eui64,
            Extents = extents,
        };
    }

    private static bool ContainsId(ImmutableArray<NamespaceRecord> records, uint id)
    {
        foreach (NamespaceRecord record in records)
        {
            if (record.Id == id)
                return true;
        }

        return false;
    }
}
