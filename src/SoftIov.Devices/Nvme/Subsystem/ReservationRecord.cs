using System.Collections.Immutable;

namespace SoftIov.Devices.Nvme;

/// <summary>Registrants of a namespace, and the reservation one or all of them hold (NVMe 1.4, 8.8). Immutable.</summary>
public sealed record ReservationRecord
{
    /// <summary>Nobody registered.</summary>
    public static ReservationRecord Empty { get; } = new();

    /// <summary>Registrants in the order they came.</summary>
    public ImmutableArray<Registrant> Registrants { get; init; } = [];

    /// <summary>Type of the reservation.</summary>
    public ReservationType Type { get; init; }

    /// <summary>Host that holds the reservation; of no meaning when there is none, or all registrants hold it.</summary>
    public UInt128 Holder { get; init; }

    /// <summary>True when it survives a loss of power (PTPLS).</summary>
    public bool IsPersistent { get; init; }

    /// <summary>True when every registrant holds the reservation.</summary>
    internal bool IsHeldByAll =>
        Type is ReservationType.WriteExclusiveAllRegistrants or ReservationType.ExclusiveAccessAllRegistrants;

    /// <summary>True when the others hear of its release.</summary>
    internal bool ConcernsRegistrants => Type >= ReservationType.WriteExclusiveRegistrantsOnly;

    /// <summary>The registration of a host, or null.</summary>
    internal Registrant? Find(UInt128 host)
    {
        foreach (Registrant registrant in Registrants.AsSpan())
        {
            if (registrant.Host == host)
                return registrant;
        }

        return null;
    }

    /// <summary>True when a registrant holds the reservation, alone or with the others.</summary>
    internal bool IsHeldBy(UInt128 host) => Type != ReservationType.None && (IsHeldByAll ? Find(host) is not null : Holder == host);

    /// <summary>True when a host may read.</summary>
    internal bool AllowsRead(UInt128 host) => Type switch
    {
        ReservationType.ExclusiveAccess or ReservationType.ExclusiveAccessRegistrantsOnly
            or ReservationType.ExclusiveAccessAllRegistrants => AllowsWrite(host),
        _ => true,
    };

    /// <summary>True when a host may write.</summary>
    internal bool AllowsWrite(UInt128 host) => Type switch
    {
        ReservationType.None => true,
        ReservationType.WriteExclusive or ReservationType.ExclusiveAccess => Holder == host,
        _ => Find(host) is not null,
    };

    /// <summary>With a host's key added or replaced.</summary>
    internal ReservationRecord Register(UInt128 host, ulong key)
    {
        var registrant = new Registrant(host, key);
        return this with
        {
            Registrants = Find(host) is { } old ? Registrants.Replace(old, registrant) : Registrants.Add(registrant),
        };
    }

    /// <summary>Without some registrants; with them goes what they alone held.</summary>
    internal ReservationRecord Unregister(Predicate<Registrant> isGone)
    {
        ReservationRecord next = this with { Registrants = Registrants.RemoveAll(isGone) };
        bool isReleased = IsHeldByAll ? next.Registrants.IsEmpty : next.Find(Holder) is null;
        return isReleased ? next.Release() : next;
    }

    /// <summary>Without a reservation.</summary>
    internal ReservationRecord Release() => this with { Type = ReservationType.None, Holder = 0 };

    /// <summary>With a reservation held by a registrant.</summary>
    internal ReservationRecord Acquire(UInt128 host, ReservationType type) => this with { Type = type, Holder = host };
}
