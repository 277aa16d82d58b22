using System.CommandLine;
using SoftIov.Api;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov set</c>: changes keys of one adapter or VF.</summary>
internal sealed class SetCommand : CliCommand
{
    private readonly Argument<string> _target = Target("An adapter (net0) or one of its VFs (net0/3).");

    private readonly Argument<string[]> _values = new("KEY=VALUE")
    {
        Description = "Keys and values, spelled as in the configuration file. Adapters: numVfs, totalVfs, uplink, whole, mtu, queuePairs, mac, " +
            "allowUnsealedMemory, socketDirectory. VFs: mac, vlan, qos, proto, trunk, spoofchk, trust, state, min_tx_rate, max_tx_rate, " +
            "interrupts, owner. Nvme adapters: numVfs, totalVfs, backing, vfNamespaces, queuePairs, vfMode, primaryResetKeepsSecondaries, " +
            "doorbells, whole. Their VFs: iops, bandwidth, interrupts, owner.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly ChangeOptions _change = new();
    private readonly Option<bool> _json = JsonOption("the steps");

    /// <summary>The command.</summary>
    public SetCommand(CommandContext context)
        : base("set", "Change settings of an adapter or a VF.", context)
    {
        Details = "All keys of one call are changed together or, when any is wrong, none is. The change is kept: it survives a restart of " +
            "the daemon. Policy of a VF works at once, also on frames of a running guest; what makes an adapter anew (totalVfs, mtu, " +
            "queuePairs, ...) or disables VFs is refused while guests use them, unless --force is given.";
        Examples =
        [
            ("softiov set net0 numVfs=8", "enable 8 VFs"),
            ("softiov set net0/3 vlan=100 max_tx_rate=1000", "port VLAN 100, 1 Gbit/s at most"),
            ("softiov set net0 uplink=interface:eth1", "connect the switch to a host interface"),
            ("softiov set disk0/1 iops=20000 bandwidth=500", "ceilings of a VM's disk"),
            ("softiov set net0/3 trunk=10,20-29 --dry-run", "only show the steps"),
        ];
        _values.Validators.Add(KeyValues.Check);
        _target.CompletionSources.Add(at => context.Candidates.Settable(at, _target));
        Add(_target);
        _values.CompletionSources.Add(at => context.Candidates.Settings(at, _target));
        Add(_values);
        _change.AddTo(this);
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string> values = KeyValues.Of(parse.GetRequiredValue(_values));
        var request = new SetRequest(parse.GetRequiredValue(_target), values, _change.DryRun(parse), _change.Force(parse));
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        ApplyResult result = await client.SetAsync(request, cancellationToken).ConfigureAwait(false);
        ChangeOptions.Show(result, parse.GetValue(_json), Terminal);
        return ExitCode.Ok;
    }
}
