using System.CommandLine;
using SoftIov.Lab.Demo;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov demo</c>: the main job shown live.</summary>
internal sealed class DemoCommand : CliCommand
{
    private const string Qemu = "qemu";
    private const string InProcess = "in-process";

    private readonly Option<string> _guests = new("--guests")
    {
        Description = "What the guests are: qemu (Linux in virtual machines), or in-process (built-in drivers over the same sockets: " +
            "seconds, no QEMU, no root).",
        HelpName = "KIND",
        DefaultValueFactory = _ => Qemu,
    };

    private readonly Option<bool> _whole = new("--whole")
    {
        Description = "Another story: one guest has the adapter whole, PF and all, and its kernel enables 8 VFs.",
    };

    private readonly Option<bool> _nvme = new("--nvme")
    {
        Description = "Another story: one disk for two guests, an NVMe controller each; both write and verify at once.",
    };

    private readonly Option<bool> _json = JsonOption("the summary (on the last line)");

    /// <summary>The command.</summary>
    public DemoCommand(CommandContext context)
        : base("demo", "Show it: two guests with a VF each, and what they can and cannot do.", context)
    {
        Details = "Starts a daemon of its own in a temporary folder, an adapter with a PF and 4 VFs, and two guests: they ping, send by TCP, " +
            "are cut off by a VLAN, send with false addresses, get a VF hot-plugged, and are killed. A daemon that runs already is not " +
            "touched. The first run with QEMU fetches what it needs into a cache. Exit code 0 only if all held.";
        Examples =
        [
            ("softiov demo", "with two virtual machines"),
            ("softiov demo --guests in-process", "without QEMU, in seconds"),
            ("softiov demo --whole", "SR-IOV by a stock kernel in one virtual machine"),
            ("softiov demo --nvme", "one disk for two virtual machines"),
            ("softiov demo --json | tail -1", "for programs"),
        ];
        _guests.AcceptOnlyFromAmong(Qemu, InProcess);
        Validators.Add(result =>
        {
            if ((result.GetValue(_whole) || result.GetValue(_nvme)) && result.GetValue(_guests) == InProcess)
                result.AddError("--whole and --nvme need guests with a kernel: leave --guests in-process away");
            if (result.GetValue(_whole) && result.GetValue(_nvme))
                result.AddError("--whole and --nvme are two stories: tell one");
        });
        Add(_guests);
        Add(_whole);
        Add(_nvme);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        bool json = parse.GetValue(_json);
        var options = new DemoOptions
        {
            Kind = parse.GetValue(_whole) ? DemoKind.Whole : parse.GetValue(_nvme) ? DemoKind.Disk : DemoKind.Net,
            Guests = parse.GetValue(_guests) == InProcess ? GuestKind.InProcess : GuestKind.Qemu,
            Json = json,
            Output = Terminal.Out,
            Error = Terminal.Error,
            IsInteractive = Terminal.IsInteractive && !json,
            HasColor = Terminal.HasColor && !json,
        };
        return Lab.Demo.DemoCommand.RunAsync(options, cancellationToken);
    }
}
