using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Hosting;

/// <summary>Attaching and detaching: leases, what a VMM is told, and why a function may not go just now.</summary>
internal sealed class Attachments(Operations operations, Leases leases)
{
    private const int HighestPort = 255;
    private const int FirstVfPort = 2;

    private readonly Dictionary<string, string> _monitors = [];

    /// <summary>Gives the lease if asked, and says how to attach.</summary>
    public AttachResult Attach(AttachRequest request)
    {
        TargetName target = request.Whole ? ParseAdapter(request.Target) : ParseFunction(request.Target);
        CheckTransport(request, target);
        uint? owner = request.Owner is { } name ? Users.Find(name) : null;
        if (request.Whole)
        {
            operations.Set(new SetRequest(request.Target, Whole(true)));
        }
        else if (request.By is { } by && operations.Use(adapters => NeedsMove(adapters, target, by)))
        {
            operations.Set(new SetRequest(request.Target, new Dictionary<string, string> { ["transport"] = by }));
        }

        (string socket, IReadOnlyList<PciBar> bars, VhostUserDevice? rings, uint? user) = operations.Use(adapters =>
        {
            string path = SocketOf(adapters, target);
            if (request.Whole || owner is not null || request.By is not null)
            {
                leases.Give(target, owner, request.By);
            }

            if (owner is not null)
            {
                adapters.Lease(target, owner);
            }

            if (request.Qmp is { } monitor)
            {
                _monitors[request.Target] = monitor;
            }

            return (path, adapters.BarsOf(target), adapters.RingsOf(target), adapters.OwnerOf(target));
        });
        string device = DeviceId(target);
        int port = target.Part == TargetPart.Vf ? Math.Min(target.Vf + FirstVfPort, HighestPort) : FirstVfPort - 1;
        IReadOnlyList<string> arguments = rings is null
            ? QemuArguments.ForNewGuest(device, socket, port, request.MemoryMegabytes)
            : VhostUserQemu.ForNewGuest(device, rings, port, request.MemoryMegabytes, request.QemuVersion);
        return new AttachResult(request.Target, socket, device, arguments, Bars: bars, Rings: rings, Owner: user);
    }

    /// <summary>Checks that the function may go; unless it is only that, ends its attachment and its lease.</summary>
    public DetachResult Detach(DetachRequest request)
    {
        TargetName target = TargetName.Parse(request.Target);
        if (target.Part != TargetPart.Adapter)
        {
            target = ParseFunction(request.Target);
        }

        DetachResult done = operations.Use(adapters =>
        {
            AttachmentStatus? client = ClientOf(adapters, target);
            string? monitor = request.Qmp ?? _monitors.GetValueOrDefault(request.Target);
            if (client is not null && !request.Force)
            {
                RefuseLoss(adapters, target, client, monitor, request.Prepare);
            }

            if (!request.Prepare)
            {
                adapters.Disconnect(target, "detached by the operator");
                adapters.Lease(target, null);
                leases.End(target);
                _monitors.Remove(request.Target);
            }

            string by = target.Part != TargetPart.Adapter && adapters.RingsOf(target) is not null ? TransportName.VhostUser : TransportName.VfioUser;
            return new DetachResult(request.Target, DeviceId(target), client is not null, monitor, by);
        });
        if (target.Part == TargetPart.Adapter && !request.Prepare)
        {
            operations.Set(new SetRequest(request.Target, Whole(false), Force: true));
        }

        return done;
    }

    private static Dictionary<string, string> Whole(bool whole) => new() { ["whole"] = whole ? "true" : "false" };

    private static void CheckTransport(AttachRequest request, TargetName target)
    {
        if (request.By is not (null or TransportName.VfioUser or TransportName.VhostUser))
        {
            throw ControlException.Because(
                ControlErrorCode.InvalidParameters,
                $"'{request.By}' is no way to attach a function here",
                $"use {TransportName.VfioUser} or {TransportName.VhostUser}");
        }

        if (request.By == TransportName.VhostUser && target.Part != TargetPart.Vf)
        {
            throw HasNoRings(target);
        }
    }

    private static ControlException HasNoRings(TargetName target) => ControlException.Because(
        ControlErrorCode.InvalidParameters,
        $"{target} cannot be attached by {TransportName.VhostUser}: VFs of net adapters can",
        $"name a VF of a net adapter, or use {TransportName.VfioUser} (--as {TransportName.VfioUser})");

    /// <summary>Whether a VF is served in another way than asked; throws when somebody has it so.</summary>
    private static bool NeedsMove(IAdapters adapters, TargetName target, string by)
    {
        if (target.Part != TargetPart.Vf || (adapters.RingsOf(target) is null ? TransportName.VfioUser : TransportName.VhostUser) == by)
        {
            return false;
        }

        FunctionStatus function = adapters.Function(target);
        if (function.Personality != Personality.Net)
        {
            throw HasNoRings(target);
        }

        RefuseSecond(target, function.Attachment);
        return true;
    }

    /// <summary>Where a VMM connects; throws when somebody has it.</summary>
    private static string SocketOf(IAdapters adapters, TargetName target)
    {
        if (target.Part == TargetPart.Adapter)
        {
            AdapterStatus adapter = adapters.Status().Single(a => a.Name == target.Adapter);
            RefuseSecond(target, adapter.Whole);
            return adapter.WholeSocket!;
        }

        FunctionStatus function = adapters.Function(target);
        RefuseSecond(target, function.Attachment);
        return function.Socket ?? throw ControlException.Because(
            ControlErrorCode.InUse,
            $"{target} belongs to whoever has {target.Adapter} whole",
            $"softiov detach {target.Adapter}");
    }

    private static AttachmentStatus? ClientOf(IAdapters adapters, TargetName target)
    {
        if (target.Part != TargetPart.Adapter)
        {
            return adapters.Function(target).Attachment;
        }

        AdapterStatus? adapter = adapters.Status().FirstOrDefault(a => a.Name == target.Adapter);
        return adapter?.WholeSocket is not null ? adapter.Whole : throw ControlException.Because(
            ControlErrorCode.InvalidParameters,
            $"'{target}' is not served whole",
            $"name a VF ({target.Adapter}/0) or the PF ({target.Adapter}/pf)");
    }

    private static TargetName ParseAdapter(string text)
    {
        TargetName target = TargetName.Parse(text);
        return target.Part == TargetPart.Adapter ? target : throw ControlException.Because(
            ControlErrorCode.InvalidParameters, $"'{text}' is no adapter", $"only an adapter can be attached whole: {target.Adapter}");
    }

    private static TargetName ParseFunction(string text)
    {
        TargetName target = TargetName.Parse(text);
        return target.Part is TargetPart.Pf or TargetPart.Vf ? target : throw ControlException.Because(
            ControlErrorCode.InvalidParameters,
            $"'{text}' is no function",
            $"name a VF ({target.Adapter}/0) or the PF ({target.Adapter}/pf)");
    }

    private static string DeviceId(TargetName target) => $"softiov-{target.ToString().Replace('/', '-')}";

    private static void RefuseSecond(TargetName target, AttachmentStatus? client)
    {
        if (client is not null)
        {
            throw ControlException.Because(
                ControlErrorCode.InUse,
                $"{target} belongs to process {client.ProcessId} ({client.Command ?? "unknown"})",
                $"detach {target} first, or attach another VF");
        }
    }

    private static void RefuseLoss(IAdapters adapters, TargetName target, AttachmentStatus attachment, string? monitor, bool preparing)
    {
        if (adapters.HasMsix(target))
        {
            throw ControlException.Because(
                ControlErrorCode.NeedsForce,
                $"{target} has MSI-X, and QEMU up to 11.1.3 at least aborts when such a vfio-user device is unplugged: the VM would die",
                target.Part == TargetPart.Adapter
                    ? $"shut the VM down, or use --force; 'wholeInterrupts: messages' unplugs safely, but is set before {target} is attached"
                    : "shut the VM down, or give the VF 'interrupts: intx' before it is attached, or use --force");
        }

        if (monitor is null || !preparing)
        {
            throw ControlException.Because(
                ControlErrorCode.NeedsForce,
                $"process {attachment.ProcessId} uses {target}, and how to unplug it there is not known",
                "name QEMU's monitor with --qmp, unplug it in the VMM, or cut it off with --force");
        }
    }
}
