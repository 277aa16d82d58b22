using System.Collections.Immutable;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Format and write protection of namespaces.</summary>
public sealed partial class NvmeSubsystem
{
    /// <summary>
    /// Formats namespaces, all of them or on any error none: their data are gone whatever was asked for, and their blocks may have another size
    /// (NVMe 1.4, 5.23). Waits until no command uses them. When the store fails half-way they take no commands until they are formatted again.
    /// </summary>
    public NvmeStatus Format(ReadOnlySpan<uint> ids, int format) =>
        Format(ids, format, ControllerId.Primary, ids.Length == 1 ? ids[0] : AllNamespaces, dword10: (uint)format);

    /// <summary>As above, by a command of a controller: both are remembered.</summary>
    private NvmeStatus Format(ReadOnlySpan<uint> ids, int format, ushort controller, uint id, uint dword10)
    {
        if (!HasFormat(format))
            return NvmeStatus.InvalidFormat;
        lock (_management)
        {
            ImmutableArray<NamespaceRecord>.Builder formatted = ImmutableArray.CreateBuilder<NamespaceRecord>(ids.Length);
            foreach (uint each in ids)
            {
                NvmeStatus status = FindAllocated(each, out NamespaceRecord? record);
                if (status != NvmeStatus.Success)
                    return status;
                if (Allocated[each]!.Protection != WriteProtection.None)
                    return NvmeStatus.NamespaceWriteProtected;
                if (record!.Length >> LbaFormat.Shift(format) == 0)
                    return NvmeStatus.InvalidFormat;
                formatted.Add(record);
            }

            RecordFormatStart(controller, id, dword10);
            NvmeStatus ended = Format(formatted.ToImmutable(), format);
            RecordFormatCompletion(controller, id, ended);
            return ended;
        }
    }

    /// <summary>Sets the write protection of a namespace; whatever starts when this has returned heeds it.</summary>
    public NvmeStatus SetWriteProtection(uint id, WriteProtection protection)
    {
        if (protection is < WriteProtection.None or > WriteProtection.UntilPowerCycle)
            return NvmeStatus.InvalidField;
        lock (_management)
        {
            NvmeStatus status = FindAllocated(id, out NamespaceRecord? record);
            if (status != NvmeStatus.Success)
                return status;
            Namespace changed = Allocated[id]!;
            if (changed.Protection == protection)
                return NvmeStatus.Success;
            if (changed.Protection == WriteProtection.UntilPowerCycle)
                return NvmeStatus.FeatureNotChangeable;
            if (!TryCommit(was => was.With(was.Find(id)! with { IsWriteProtected = protection == WriteProtection.Protected })))
                return NvmeStatus.InternalError;
            changed.Protect(protection);
            _quiescence.WaitForQuietPoint();
            Publish(record!.Controllers, id);
            return NvmeStatus.Success;
        }
    }

    private NvmeStatus Format(ImmutableArray<NamespaceRecord> formatted, int format)
    {
        if (!TryCommit(was => Change(was, formatted, record => record with { Format = format, IsErasing = true })))
            return NvmeStatus.InternalError;
        foreach (NamespaceRecord record in formatted)
            Allocated[record.Id]!.Close(NvmeStatus.FormatInProgress);
        _quiescence.WaitForQuietPoint();
        bool isErased = false;
        try
        {
            foreach (NamespaceRecord record in formatted)
            {
                Allocated[record.Id]!.WaitUntilDrained();
                Erase(record.Extents);
            }

            isErased = TryCommit(was => Change(was, formatted, record => record with { IsErasing = false }));
        }
        catch (IOException)
        {
            // The record says what there is left to do.
        }

        foreach (NamespaceRecord record in formatted)
        {
            Place(record.Id, new Namespace(_record.Find(record.Id)!, Allocated[record.Id]!.Reservations, _erased));
            Publish(record.Controllers, record.Id);
        }

        return isErased ? NvmeStatus.Success : NvmeStatus.InternalError;
    }

    /// <summary>Changes the current records of namespaces.</summary>
    private static SubsystemRecord Change(
        SubsystemRecord was, ImmutableArray<NamespaceRecord> namespaces, Func<NamespaceRecord, NamespaceRecord> change)
    {
        foreach (NamespaceRecord record in namespaces)
            was = was.With(change(was.Find(record.Id)!));
        return was;
    }
}
