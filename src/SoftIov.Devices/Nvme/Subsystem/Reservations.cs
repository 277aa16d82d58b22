using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// The registrants and the reservation of one namespace, for as long as it exists (NVMe 1.4, 6.10 to 6.13 and 8.8). Commands come from pool
/// threads, since what survives a loss of power is saved first; the checks are for pollers and cost one read when nobody holds a reservation.
/// </summary>
internal sealed class Reservations
{
    /// <summary>Most registrants of a namespace: a host that gives itself ever new identifiers gets no further.</summary>
    public const int MostRegistrants = 256;

    private const int RegisterLength = 16;
    private const int ReleaseLength = 8;
    private const uint IgnoreExistingKey = 8;

    private readonly Lock _gate = new();
    private readonly NamespaceRecord _of;
    private readonly NvmeSubsystem _subsystem;
    private ReservationRecord _state;
    private ReservationRecord? _inForce;
    private uint _generation;

    /// <summary>What was saved with a namespace.</summary>
    public Reservations(NamespaceRecord of, NvmeSubsystem subsystem)
    {
        _of = of;
        _subsystem = subsystem;
        _state = of.Reservation ?? ReservationRecord.Empty;
        _inForce = _state.Type == ReservationType.None ? null : _state;
    }

    /// <summary>Registrants and reservation, just now.</summary>
    public ReservationRecord State => Volatile.Read(ref _state);

    /// <summary>Whether a host may read.</summary>
    public NvmeStatus CheckRead(in HostId host) =>
        Volatile.Read(ref _inForce) is not { } state || state.AllowsRead(host.Value) ? NvmeStatus.Success : NvmeStatus.ReservationConflict;

    /// <summary>Whether a host may write.</summary>
    public NvmeStatus CheckWrite(in HostId host) =>
        Volatile.Read(ref _inForce) is not { } state || state.AllowsWrite(host.Value) ? NvmeStatus.Success : NvmeStatus.ReservationConflict;

    /// <summary>Reservation Register: dword 10 has RREGA in bits 2:0, IEKEY in 3, CPTPL in 31:30; the data are CRKEY and NRKEY.</summary>
    public NvmeStatus Register(in HostId host, uint dword10, ReadOnlySpan<byte> data)
    {
        if (data.Length < RegisterLength || (dword10 >> 30) == 1)
            return NvmeStatus.InvalidField;
        if (host.IsUnset)
            return NvmeStatus.CommandSequenceError;
        ulong currentKey = BinaryPrimitives.ReadUInt64LittleEndian(data);
        ulong newKey = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
        bool ignoresKey = (dword10 & IgnoreExistingKey) != 0;
        lock (_gate)
        {
            ReservationRecord next;
            Registrant? own = _state.Find(host.Value);
            bool isKeyRight = own is { } registrant && (ignoresKey || registrant.Key == currentKey);
            switch (dword10 & 7)
            {
                case 0 or 2 when newKey == 0:
                    return NvmeStatus.InvalidField;
                case 0 when own is null || own.Value.Key == newKey:
                case 2 when isKeyRight || (own is null && ignoresKey):
                    if (own is null && _state.Registrants.Length == MostRegistrants)
                        return NvmeStatus.InternalError;
                    next = _state.Register(host.Value, newKey);
                    break;
                case 1 when isKeyRight:
                    UInt128 leaving = host.Value;
                    next = _state.Unregister(each => each.Host == leaving);
                    break;
                case 0 or 1 or 2:
                    return NvmeStatus.ReservationConflict;
                default:
                    return NvmeStatus.InvalidField;
            }

            if (dword10 >> 30 >= 2)
                next = next with { IsPersistent = dword10 >> 30 == 3 };
            bool isReleased = _state.ConcernsRegistrants && next.Type == ReservationType.None;
            return Change(next, host.Value, remaining: isReleased ? ReservationNotice.ReservationReleased : null);
        }
    }

    /// <summary>Reservation Acquire: dword 10 has RACQA in bits 2:0, IEKEY in 3, RTYPE in 15:8; the data are CRKEY and PRKEY.</summary>
    public NvmeStatus Acquire(in HostId host, uint dword10, ReadOnlySpan<byte> data)
    {
        var type = (ReservationType)(byte)(dword10 >> 8);
        bool isTypeValid = type is > ReservationType.None and <= ReservationType.ExclusiveAccessAllRegistrants;
        if (data.Length < RegisterLength || (dword10 & IgnoreExistingKey) != 0 || !isTypeValid || (dword10 & 7) > 2)
            return NvmeStatus.InvalidField;
        ulong preempted = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
        NvmeStatus status;
        lock (_gate)
        {
            status = CheckKey(host, data);
            if (status == NvmeStatus.Success)
                status = (dword10 & 7) == 0 ? Acquire(host.Value, type) : Preempt(host.Value, type, preempted);
        }

        // Preempt and abort: what the others had under way is over when this completes (NVMe 1.4, 8.8.7).
        if (status == NvmeStatus.Success && (dword10 & 7) == 2)
            _subsystem.WaitForCommands(_of.Id);
        return status;
    }

    /// <summary>Reservation Release: dword 10 has RRELA in bits 2:0, IEKEY in 3, RTYPE in 15:8; the data are CRKEY.</summary>
    public NvmeStatus Release(in HostId host, uint dword10, ReadOnlySpan<byte> data)
    {
        if (data.Length < ReleaseLength || (dword10 & IgnoreExistingKey) != 0 || (dword10 & 7) > 1)
            return NvmeStatus.InvalidField;
        lock (_gate)
        {
            NvmeStatus status = CheckKey(host, data);
            if (status != NvmeStatus.Success)
                return status;
            if ((dword10 & 7) == 1)
            {
                ReservationRecord cleared = _state.Release() with { Registrants = [] };
                return Change(cleared, host.Value, gone: ReservationNotice.ReservationPreempted);
            }

            if (!_state.IsHeldBy(host.Value))
                return NvmeStatus.Success;
            if (_state.Type != (ReservationType)(byte)(dword10 >> 8))
                return NvmeStatus.InvalidField;
            return Change(_state.Release(), host.Value, remaining: _state.ConcernsRegistrants ? ReservationNotice.ReservationReleased : null);
        }
    }

    /// <summary>
    /// Reservation Report: fills the data, which may be shorter than the report. A host that says who it is in 128 bits asks for the extended
    /// form, and no other.
    /// </summary>
    public NvmeStatus Report(in HostId host, bool isExtended, Span<byte> data)
    {
        if (!host.IsUnset && host.IsExtended != isExtended)
            return NvmeStatus.HostIdInconsistentFormat;
        lock (_gate)
        {
            ReservationReport.Fill(_state, _generation, isExtended, _subsystem.ControllersOf(_of.Id, _state), data);
            return NvmeStatus.Success;
        }
    }

    /// <summary>Persist Through Power Loss (feature 83h).</summary>
    public NvmeStatus SetPersistence(bool isPersistent)
    {
        lock (_gate)
            return TrySave(_state with { IsPersistent = isPersistent }) ? NvmeStatus.Success : NvmeStatus.InternalError;
    }

    private NvmeStatus CheckKey(in HostId host, ReadOnlySpan<byte> data)
    {
        if (host.IsUnset)
            return NvmeStatus.CommandSequenceError;
        bool isRight = _state.Find(host.Value) is { } own && own.Key == BinaryPrimitives.ReadUInt64LittleEndian(data);
        return isRight ? NvmeStatus.Success : NvmeStatus.ReservationConflict;
    }

    private NvmeStatus Acquire(UInt128 host, ReservationType type)
    {
        if (_state.Type != ReservationType.None)
            return _state.IsHeldBy(host) && _state.Type == type ? NvmeStatus.Success : NvmeStatus.ReservationConflict;
        return TrySave(_state.Acquire(host, type)) ? NvmeStatus.Success : NvmeStatus.InternalError;
    }

    /// <summary>Takes registrations with a key away from others and, when that was the holder's, the reservation too (NVMe 1.4, 8.8.7).</summary>
    private NvmeStatus Preempt(UInt128 host, ReservationType type, ulong key)
    {
        bool takesReservation = _state.Type != ReservationType.None
            && (_state.IsHeldByAll ? key == 0 : _state.Find(_state.Holder) is { } holder && holder.Key == key);
        if (key == 0 && !takesReservation)
            return NvmeStatus.InvalidField;
        bool takesAll = takesReservation && key == 0;
        ReservationRecord next = _state.Unregister(each => each.Host != host && (takesAll || each.Key == key));
        if (!takesReservation && next.Registrants.Length == _state.Registrants.Length)
            return NvmeStatus.ReservationConflict;
        ReservationNotice? remaining = takesReservation && type != _state.Type ? ReservationNotice.ReservationReleased : null;
        return Change(takesReservation ? next.Acquire(host, type) : next, host, remaining, ReservationNotice.RegistrationPreempted);
    }

    /// <summary>Saves and shows a change, counts it, and tells the hosts that stay or go, other than the one that made it.</summary>
    private NvmeStatus Change(ReservationRecord next, UInt128 by, ReservationNotice? remaining = null, ReservationNotice? gone = null)
    {
        ReservationRecord before = _state;
        if (!TrySave(next))
            return NvmeStatus.InternalError;
        _generation++;
        foreach (Registrant registrant in before.Registrants)
        {
            ReservationNotice? notice = next.Find(registrant.Host) is null ? gone : remaining;
            if (notice is { } said && registrant.Host != by)
                _subsystem.Notify(_of.Id, registrant.Host, said);
        }

        return NvmeStatus.Success;
    }

    private bool TrySave(ReservationRecord next)
    {
        if ((next.IsPersistent || _state.IsPersistent) && !_subsystem.TrySave(_of, next.IsPersistent ? next : null))
            return false;
        Volatile.Write(ref _state, next);
        Volatile.Write(ref _inForce, next.Type == ReservationType.None ? null : next);
        return true;
    }
}
