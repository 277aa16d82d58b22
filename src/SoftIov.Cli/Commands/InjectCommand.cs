using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov inject</c>: breaks an adapter on purpose.</summary>
internal sealed class InjectCommand : CliCommand
{
    /// <summary>What FAULT may be; the daemon has the last word.</summary>
    public static IReadOnlyList<string> Faults { get; } =
    [
        "retry", "late", "all-ones", "lost-msi", "duplicate-msi", "dma-fault", "poisoned", "aer", "vf-enable-clear", "link-down", "clear",
    ];

    private readonly Argument<string> _target = Target("A VF (net0/3), the PF (net0/pf) or an adapter (net0).");

    private readonly Argument<string?> _fault = new("FAULT")
    {
        Description = $"One of {string.Join(", ", Faults)}. Without it, what is in force is listed.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string[]> _values = new("KEY=VALUE")
    {
        Description = "How often (count), how long in milliseconds (ms), which error (error).",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _list = new("--list") { Description = "Only list what is in force." };
    private readonly Option<bool> _json = JsonOption("what was done and what is in force");

    /// <summary>The command.</summary>
    public InjectCommand(CommandContext context)
        : base("inject", "Inject a fault into an adapter or a function, for people who write drivers.", context)
    {
        Details = "A fault stays until its count or its time is used up or it is cleared; no reset of the function ends it. What each does, and " +
            "what stock drivers make of it, is in docs/guide/inject.md. A fault that makes no sense for the target is refused with the reason.";
        Examples =
        [
            ("softiov inject net0/3 late ms=1500", "ready only 1.5 s after VF Enable and resets"),
            ("softiov inject net0/3 lost-msi count=2", "the next two interrupts do not come"),
            ("softiov inject net0/3 poisoned", "the next DMA read gets poisoned data, and the guest hears of it by AER"),
            ("softiov inject net0/pf aer error=malformed-tlp", "an error only reported, as the guest set AER up"),
            ("softiov inject net0 --list", "what is in force in the adapter and its functions"),
            ("softiov inject net0/3 clear", "mend it"),
        ];
        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        _fault.CompletionSources.Add(_ => Faults.Select(f => new System.CommandLine.Completions.CompletionItem(f)));
        _values.Validators.Add(KeyValues.Check);
        Add(_target);
        Add(_fault);
        Add(_values);
        Add(_list);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_list) && result.GetValue(_fault) is not null)
            {
                result.AddError("--list injects nothing: leave the fault out");
            }
        });
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var request = new InjectRequest(
            parse.GetRequiredValue(_target), parse.GetValue(_fault), KeyValues.Of(parse.GetValue(_values) ?? []));
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        InjectResult result = await client.InjectAsync(request, cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_json))
        {
            JsonText.Write(Terminal.Out, result, ControlJson.Default.InjectResult);
        }
        else if (result.Done is { } done)
        {
            Terminal.Out.WriteLine(done);
        }
        else
        {
            Show(result);
        }

        return ExitCode.Ok;
    }

    private void Show(InjectResult result)
    {
        if (result.InForce.Count == 0)
        {
            Terminal.Out.WriteLine($"nothing is injected into {result.Target}");
            return;
        }

        var table = new Table("TARGET", "FAULT", "LEFT");
        foreach (InjectedFault fault in result.InForce)
        {
            table.Add(fault.Target, fault.Fault, fault.Left);
        }

        Tables.Show(Terminal, table);
    }
}
