namespace SoftIov.Devices.Nvme;

/// <summary>The subsystem's part in reservations: which host is behind which controller, and who hears what.</summary>
public sealed partial class NvmeSubsystem
{
    private readonly Lock _hostsGate = new();
    private readonly UInt128[] _hosts;

    /// <summary>A controller's host said who it is (feature 81h), or it no longer counts: all zero, after a reset.</summary>
    internal void SetHost(ushort controller, in HostId host)
    {
        lock (_hostsGate)
            _hosts[controller] = host.Value;
    }

    /// <summary>Saves what is reserved of a namespace, null for nothing; false, and nothing changed, when that fails.</summary>
    internal bool TrySave(NamespaceRecord of, ReservationRecord? reservation) =>

        // Its number may be another namespace's by now.
        TryCommit(was => was.Find(of.Id) is { } record && record.Uuid == of.Uuid ? was.With(record with { Reservation = reservation }) : was);

    /// <summary>The controllers of registrants that have a namespace attached, and their hosts.</summary>
    internal List<(ushort Controller, UInt128 Host)> ControllersOf(uint id, ReservationRecord state)
    {
        var found = new List<(ushort, UInt128)>();
        lock (_hostsGate)
        {
            for (ushort controller = ControllerId.Primary; controller < _hosts.Length; controller++)
            {
                if (Attached(controller)[id] is not null && state.Find(_hosts[controller]) is not null)
                    found.Add((controller, _hosts[controller]));
            }
        }

        return found;
    }

    /// <summary>Tells every controller of a host that has the namespace.</summary>
    internal void Notify(uint id, UInt128 host, ReservationNotice notice)
    {
        var registrant = new ReservationRecord { Registrants = [new Registrant(host, 0)] };
        foreach ((ushort controller, _) in ControllersOf(id, registrant))
            Volatile.Read(ref _controllers[controller])?.ReservationChanged(id, notice);
    }

    /// <summary>Waits until commands are over that passed the check of reservations before this call.</summary>
    internal void WaitForCommands(uint id) => Allocated[id]?.WaitForEarlier(_quiescence);
}
