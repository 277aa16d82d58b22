using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov detach</c>: takes a function back from a VM.</summary>
internal sealed class DetachCommand : CliCommand
{
    private readonly Argument<string> _target = Target("A VF (net0/3), the PF (net0/pf), or an adapter (net0) that was attached whole.");

    private readonly Option<string?> _qmp = new("--qmp")
    {
        Description = "Monitor of the QEMU that has the function. Default: the one of 'attach --qmp'.",
        HelpName = "SOCKET",
    };

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Although the VM may die (QEMU's abort on MSI-X) or the guest loses a device that it uses.",
    };

    private readonly Option<bool> _json = JsonOption("where the function was");

    /// <summary>The command.</summary>
    public DetachCommand(CommandContext context)
        : base("detach", "Detach a function from its VM and end its lease.", context)
    {
        Details = "The guest is asked to let the device go, QEMU deletes it, and then the session and the lease end. " +
            "QEMU up to 11.1.3 at least aborts when a vfio-user device with MSI-X is unplugged; such a VF is refused with that reason. " +
            "A VF with 'interrupts: intx' unplugs safely, and so does an adapter that a VM has whole, unless its 'wholeInterrupts' are remapped.";
        Examples =
        [
            ("softiov detach net0/3", "unplug from the QEMU that attach --qmp plugged it into"),
            ("softiov detach net0/3 --qmp /run/vm1/qmp.sock", "from a QEMU that was started with it"),
            ("softiov detach net1", "an adapter that a VM has whole; its functions are served singly again"),
        ];
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        Add(_qmp);
        Add(_force);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string? monitor = parse.GetValue(_qmp) is { } path ? Path.GetFullPath(path) : null;
        var request = new DetachRequest(parse.GetRequiredValue(_target), parse.GetValue(_force), Qmp: monitor);
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        DetachResult result = await client.DetachAsync(request, cancellationToken).ConfigureAwait(false);
        foreach (string warning in result.Warnings ?? [])
        {
            Terminal.Warn(warning);
        }

        if (parse.GetValue(_json))
        {
            JsonText.Write(Terminal.Out, result, ControlJson.Default.DetachResult);
        }
        else
        {
            Terminal.Out.WriteLine(result.WasAttached ? $"{result.Target} is detached" : $"{result.Target} was not attached");
        }

        return ExitCode.Ok;
    }
}
