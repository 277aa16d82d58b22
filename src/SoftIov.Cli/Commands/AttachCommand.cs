using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;
using SoftIov.Cli.Qemu;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov attach</c>: hands a function to a VM.</summary>
internal sealed class AttachCommand : CliCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private const string NobodyOfLibvirt =
        "root's QEMU may connect, and no other: that of qemu:///system is run by libvirt-qemu or qemu unless its qemu.conf says otherwise, " +
        "and waits for ever where it may not; give it the lease with --owner";

    private readonly Argument<string> _target = Target("A VF (net0/3), the PF (net0/pf), or with --whole an adapter (net0).");

    private readonly Option<string?> _qmp = new("--qmp")
    {
        Description = "Hot-plug into the running QEMU whose monitor listens at this UNIX socket (-qmp unix:SOCKET,server=on,wait=off). " +
            "Takes a free pcie-root-port.",
        HelpName = "SOCKET",
    };

    private readonly Option<string?> _owner = new("--owner")
    {
        Description = "Give the lease to this user, by name or id: the user that runs the VMM. Default: as it is.",
        HelpName = "USER",
    };

    private readonly Option<bool> _whole = new("--whole")
    {
        Description = "The target is an adapter, and goes to the VM whole: PF and VFs, and the kernel there enables VFs.",
    };

    private readonly Option<string?> _as = new("--as")
    {
        Description = "vfio-user: the VF as the PCI function that it is (QEMU 10.1 or newer). vhost-user: its rings, for a virtio-net device of " +
            "the VMM's own: every QEMU, libvirt, DPDK. The VF stays so until it is attached otherwise. Default: as it is served now.",
        HelpName = "TRANSPORT",
    };

    private readonly Option<bool> _libvirt = new("--libvirt")
    {
        Description = "Print XML for a libvirt domain instead of QEMU's arguments. A VF is served by vhost-user then; with --as vfio-user and " +
            "for whole adapters it is arguments that libvirt hands on to QEMU.",
    };

    private readonly Option<int> _memory = new("--memory")
    {
        Description = "Guest memory in the printed arguments. Default: 1024.",
        HelpName = "MB",
        DefaultValueFactory = _ => 1024,
    };

    private readonly Option<string?> _qemu = new("--qemu")
    {
        Description = "The QEMU that shall have the printed arguments, such as 7.2. Default: qemu-system-x86_64 of the PATH, without one the newest.",
        HelpName = "VERSION",
    };

    private readonly Option<int> _wait = new("--wait")
    {
        Description = "With --qmp, how long to wait until the guest's driver has the device; 0 does not wait. Default: 30.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    };

    private readonly Option<bool> _json = JsonOption("the arguments (an array of strings), or with --qmp where the device is,");

    /// <summary>The command.</summary>
    public AttachCommand(CommandContext context)
        : base("attach", "Attach a function to a VM: hot-plug it, or print QEMU's arguments for it.", context)
    {
        Details = "Without --qmp the arguments of a QEMU that starts with the function are printed, quoted for a shell: of 10.1 or newer for a " +
            "function that is served by vfio-user, of any for a VF that is served by vhost-user. They share the guest's memory (share=on); " +
            "without that a function is slow, or reads and writes the wrong bytes.\n" +
            "With --qmp the function appears in the running guest. A function has one owner at a time; one that is in use is refused.";
        Examples =
        [
            ("softiov attach net0/3", "arguments to paste into a QEMU command line"),
            ("eval \"qemu-system-x86_64 -accel kvm disk.qcow2 $(softiov attach net0/3 --memory 2048)\"", "use them at once"),
            ("softiov attach net0/3 --qmp /run/vm1/qmp.sock", "hot-plug into a running VM"),
            ("softiov attach net1 --whole", "an adapter with its PF and VFs, all for one VM"),
            ("softiov attach net0/3 --as vhost-user", "for any QEMU's own virtio-net device"),
            ("softiov attach net0/3 --owner libvirt-qemu --libvirt", "XML to put into a libvirt domain"),
            ("softiov attach net0/3 --owner libvirt-qemu --libvirt | virsh attach-device vm1 /dev/stdin", "hot-plug into a libvirt domain"),
            ("softiov attach net0/3 --owner libvirt-qemu", "let another user's VMM have it"),
        ];
        _as.CompletionSources.Add(TransportName.VfioUser, TransportName.VhostUser);
        _qemu.Validators.Add(r => Bounds.CheckVersion(r));
        _memory.Validators.Add(r => Bounds.Check(r, 1, 1 << 24));
        _wait.Validators.Add(r => Bounds.Check(r, 0, 3600));
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        Add(_qmp);
        Add(_owner);
        Add(_whole);
        Add(_as);
        Add(_libvirt);
        Add(_memory);
        Add(_qemu);
        Add(_wait);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string target = parse.GetRequiredValue(_target);
        bool isForLibvirt = parse.GetValue(_libvirt);
        bool isWhole = parse.GetValue(_whole);
        if (isForLibvirt && (parse.GetValue(_qmp) is not null || parse.GetValue(_json)))
        {
            throw ControlException.Because(
                ControlErrorCode.InvalidParameters,
                "libvirt plugs devices in itself, and reads XML: --libvirt goes with neither --qmp nor --json",
                $"softiov attach {target} --libvirt | virsh attach-device DOMAIN /dev/stdin");
        }

        var request = new AttachRequest(
            target,
            By: parse.GetValue(_as) ?? (isForLibvirt && !isWhole ? TransportName.VhostUser : null),
            Owner: parse.GetValue(_owner),
            Qmp: parse.GetValue(_qmp) is { } monitor ? Path.GetFullPath(monitor) : null,
            MemoryMegabytes: parse.GetValue(_memory),
            Whole: isWhole,
            QemuVersion: parse.GetValue(_qemu) is { } version ? Version.Parse(version) : null);
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        AttachResult result = await client.AttachAsync(request, cancellationToken).ConfigureAwait(false);
        foreach (string warning in result.Warnings ?? [])
        {
            Terminal.Warn(warning);
        }

        bool json = parse.GetValue(_json);
        if (isForLibvirt)
        {
            if (result.Owner is null && Environment.IsPrivilegedProcess)
            {
                Terminal.Warn(NobodyOfLibvirt);
            }

            Terminal.Out.Write(LibvirtXml.Of(result));
            return ExitCode.Ok;
        }

        if (request.Qmp is null)
        {
            ShowArguments((await ForQemuOfHostAsync(client, request, result, cancellationToken).ConfigureAwait(false)).QemuArguments, json);
            return ExitCode.Ok;
        }

        FunctionStatus function =
            await WaitForDriverAsync(client, target, TimeSpan.FromSeconds(parse.GetValue(_wait)), cancellationToken).ConfigureAwait(false);
        ShowPlugged(result, function, json);
        return ExitCode.Ok;
    }

    /// <summary>The daemon knows how each QEMU wants to be told of a socket, but not which one is here.</summary>
    private async Task<AttachResult> ForQemuOfHostAsync(
        ControlClient client, AttachRequest request, AttachResult result, CancellationToken cancellationToken)
    {
        if (result.Rings is null || request.QemuVersion is not null)
        {
            return result;
        }

        Version? version = await QemuOfHost.FindVersionAsync(Terminal.SearchPath, cancellationToken).ConfigureAwait(false);
        return version is null || VhostUserQemu.TakesNewestWords(version)
            ? result
            : await client.AttachAsync(request with { QemuVersion = version }, cancellationToken).ConfigureAwait(false);
    }

    private void ShowArguments(IReadOnlyList<string> arguments, bool json)
    {
        if (json)
        {
            JsonText.Write(Terminal.Out, arguments, CliJson.Default.IReadOnlyListString);
        }
        else
        {
            Terminal.Out.Write(ShellWords.Lines(arguments));
        }
    }

    private void ShowPlugged(AttachResult result, FunctionStatus function, bool json)
    {
        if (json)
        {
            JsonText.Write(Terminal.Out, result, ControlJson.Default.AttachResult);
        }
        else
        {
            Terminal.Out.WriteLine($"{result.Target} is plugged in as {result.DeviceId} behind {result.Bus}, driver {function.Driver}");
        }
    }

    private async Task<FunctionStatus> WaitForDriverAsync(
        ControlClient client, string target, TimeSpan atMost, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            GetResult state = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
            FunctionStatus function = state.Adapters[0].Functions[0];
            if (function.IsDriverDone || atMost == TimeSpan.Zero)
            {
                return function;
            }

            if (TimeProvider.System.GetElapsedTime(start) > atMost)
            {
                Terminal.Warn(
                    $"QEMU has {target}, but no driver of the guest took it within {atMost.TotalSeconds:0} s (now: {function.Driver}); " +
                    $"the guest needs PCIe hot-plug (pciehp) and {function.GuestDriver}");
                return function;
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }
}
