using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Lspci;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov lspci</c>: functions as lspci shows them.</summary>
internal sealed class LspciCommand : CliCommand
{
    private readonly Argument<string?> _target =
        OptionalTarget("An adapter (net0: its PF and enabled VFs), its PF (net0/pf) or a VF (net0/3). Default: all adapters.");

    private readonly Option<FunctionView> _view = new("--view")
    {
        Description = "fabric: as the PCIe bus shows it, a VF without IDs and BARs; assigned: as a guest with one function sees it. Default: fabric.",
        HelpName = "VIEW",
        DefaultValueFactory = _ => FunctionView.Fabric,
    };

    private readonly Option<bool>[] _flags =
    [
        new("-v") { Description = "Details: subsystem, BARs, capabilities by name." },
        new("-vv") { Description = "More: registers of capabilities." },
        new("-vvv") { Description = "All that lspci can decode." },
        new("-n") { Description = "Numbers instead of names." },
        new("-nn") { Description = "Names and numbers." },
        new("-x") { Description = "Also the first 64 bytes, in hex." },
        new("-xxx") { Description = "Also the first 256 bytes." },
        new("-xxxx") { Description = "Also all 4096 bytes." },
    ];

    /// <summary>The command.</summary>
    public LspciCommand(CommandContext context)
        : base("lspci", "Show configuration space as lspci does.", context)
    {
        Details = "Runs the real lspci (pciutils) on what the daemon's functions answer to configuration reads. Where it is not installed, " +
            "a basic decode is shown.";
        Examples =
        [
            ("softiov lspci", "all functions, a line each"),
            ("softiov lspci -vvv net0/pf", "the PF with its SR-IOV capability"),
            ("softiov lspci -vvv net0/3 --view assigned", "a VF as its guest sees it"),
        ];
        foreach (Option<bool> flag in _flags)
        {
            Add(flag);
        }

        _target.CompletionSources.Add(at => context.Candidates.Targets(at, _target));
        Add(_target);
        _view.CompletionSources.Clear();
        _view.CompletionSources.Add("fabric", "assigned");
        Add(_view);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        string[] flags = [.. _flags.Where(parse.GetValue).Select(f => Repeated(f, parse))];
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> targets = await TargetsAsync(client, parse.GetValue(_target), cancellationToken).ConfigureAwait(false);
        string? program = LspciProgram.Find(Terminal.SearchPath);
        if (program is null)
        {
            Terminal.Warn("lspci is not installed, so this is a basic decode; install pciutils for all of it");
        }

        foreach (string target in targets)
        {
            string dump = await client.LspciAsync(target, parse.GetValue(_view), cancellationToken).ConfigureAwait(false);
            string text = program is null
                ? Decode(dump, flags)
                : await LspciProgram.RunAsync(program, dump, flags, cancellationToken).ConfigureAwait(false);

            // Every adapter has a root complex of its own, so the same slots come again.
            Terminal.Out.Write(targets.Count > 1 ? $"{target}:\n{text}" : text);
        }

        return ExitCode.Ok;
    }

    // -nnvvv reaches us taken apart.
    private static string Repeated(Option<bool> flag, ParseResult parse) =>
        flag.Name + new string(flag.Name[1], (parse.GetResult(flag)?.IdentifierTokenCount ?? 1) - 1);

    private static async Task<IReadOnlyList<string>> TargetsAsync(
        ControlClient client, string? target, CancellationToken cancellationToken)
    {
        if (target is not null)
        {
            return [target];
        }

        GetResult all = await client.GetAsync(null, cancellationToken).ConfigureAwait(false);
        return [.. all.Adapters.Where(a => a.Functions.Count > 0).Select(a => a.Name)];
    }

    private static string Decode(string dump, string[] flags)
    {
        int hexBytes = flags.Contains("-xxxx") ? 4096 : flags.Contains("-xxx") ? 256 : flags.Contains("-x") ? 64 : 0;
        bool capabilities = flags.Any(f => f.StartsWith("-v", StringComparison.Ordinal));
        return string.Concat(PciDump.Parse(dump).Select(f => BasicDecode.Of(f, capabilities, hexBytes)));
    }
}
