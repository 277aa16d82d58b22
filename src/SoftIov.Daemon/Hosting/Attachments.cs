using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Hosting;

/// <summary>Attaching and detaching: leases, what a VMM is told, and why a function may not go just now.</summary>
internal sealed class Attachments(Operations operations)
{
    private const string VfioUser = "vfio-user";
    private const int HighestPort = 255;

    private readonly Dictionary<string, string> _monitors = [];

    /// <summary>Gives the lease if asked, and says how to attach.</summary>
    public AttachResult Attach(AttachRequest request)
    {
        if (request.By != VfioUser)
        {
            throw ControlException.Because(
                ControlErrorCode.InvalidParameters, $"'{request.By}' is no way to attach a function here", $"use {VfioUser}");
        }

        TargetName target = ParseFunction(request.Target);
        uint? owner = request.Owner is { } name ? Users.Find(name) : null;
        FunctionStatus function = operations.Use(adapters =>
        {
            FunctionStatus one = adapters.Function(target);
            RefuseSecond(one);
            if (owner is { } userId)
            {
                adapters.Lease(target, userId);
            }

            if (request.Qmp is { } monitor)
            {
                _monitors[request.Target] = monitor;
            }

            return one;
        });

        string device = DeviceId(target);
        string socket = function.Socket!;
        int port = Math.Min((function.Vf ?? -1) + 2, HighestPort);
        return new AttachResult(request.Target, socket, device, QemuArguments.ForNewGuest(device, socket, port, request.MemoryMegabytes));
    }

    /// <summary>Checks that the function may go; unless it is only that, ends its attachment and its lease.</summary>
    public DetachResult Detach(DetachRequest request)
    {
        TargetName target = ParseFunction(request.Target);
        return operations.Use(adapters =>
        {
            FunctionStatus function = adapters.Function(target);
            string? monitor = request.Qmp ?? _monitors.GetValueOrDefault(request.Target);
            var result = new DetachResult(request.Target, DeviceId(target), function.Attachment is not null, monitor);
            if (function.Attachment is { } attachment && !request.Force)
            {
                RefuseLoss(adapters, target, attachment, monitor, request.Prepare);
            }

            if (!request.Prepare)
            {
                adapters.Disconnect(target, "detached by the operator");
                adapters.Lease(target, null);
                _monitors.Remove(request.Target);
            }

            return result;
        });
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

    private static void RefuseSecond(FunctionStatus function)
    {
        if (function.Attachment is { } attachment)
        {
            throw ControlException.Because(
                ControlErrorCode.InUse,
                $"{function.Target} belongs to process {attachment.ProcessId} ({attachment.Command ?? "unknown"})",
                $"detach {function.Target} first, or attach another VF");
        }
    }

    private static void RefuseLoss(IAdapters adapters, TargetName target, AttachmentStatus attachment, string? monitor, bool preparing)
    {
        if (adapters.HasMsix(target))
        {
            throw ControlException.Because(
                ControlErrorCode.NeedsForce,
                $"{target} has MSI-X, and QEMU up to 11.1.3 at least aborts when such a vfio-user device is unplugged: the VM would die",
                "shut the VM down, or give the VF 'interrupts: intx' before it is attached, or use --force");
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
