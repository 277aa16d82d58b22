using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using SoftIov.Api;

namespace SoftIov.Cli.Completion;

/// <summary>
/// Words that only the running daemon knows: targets, keys and values. Without a daemon, or with one that is slow, there are none; a key
/// press waits for <see cref="Patience"/> at most.
/// </summary>
internal sealed class Candidates(CommandContext context)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Adapters and their functions.</summary>
    public IEnumerable<string> Targets(CompletionContext at, Argument target) =>
        Names(at, target, a => a.Functions.Select(f => f.Target).Prepend(a.Name));

    /// <summary>What has settings: adapters and VFs.</summary>
    public IEnumerable<string> Settable(CompletionContext at, Argument target) =>
        Names(at, target, a => a.Functions.Where(f => f.Vf is not null).Select(f => f.Target).Prepend(a.Name));

    /// <summary>Ports of switches: functions and uplinks.</summary>
    public IEnumerable<string> Ports(CompletionContext at, Argument target) => Names(
        at, target, a => a.Functions.OfType<NetFunctionStatus>().Select(f => f.Target).Concat(UplinkOf(a)));

    /// <summary>Nvme adapters.</summary>
    public IEnumerable<string> Disks(CompletionContext at, Argument adapter) => Names(at, adapter, a => a is NvmeAdapterStatus ? [a.Name] : []);

    /// <summary>NSIDs of the adapter that is written.</summary>
    public IEnumerable<string> NamespaceIds(CompletionContext at, Argument<string> adapter) =>
        at.ParseResult.GetResult(adapter)?.Tokens is [{ Value: var name }, ..]
            ? Ask(at, (client, end) => client.GetAsync(name, end))?.Adapters.OfType<NvmeAdapterStatus>()
                .SelectMany(a => a.Namespaces).Select(n => n.Id.ToString(CultureInfo.InvariantCulture)) ?? []
            : [];

    /// <summary><c>KEY=</c> of what <paramref name="target"/> names, or <c>KEY=WORD</c> when the key is written.</summary>
    public IEnumerable<string> Settings(CompletionContext at, Argument<string> target)
    {
        string? name = at.ParseResult.GetResult(target)?.Tokens is [{ Value: var written }, ..] ? written : null;
        SettingsResult? all = !IsWritten(at, target) ? null : Ask(at, (client, end) => client.GetSettingsAsync(name, end));
        if (all is null)
        {
            return [];
        }

        bool isVf = name?.Contains('/', StringComparison.Ordinal) == true;
        IReadOnlyList<SettingDescription> settings = isVf ? all.Vf : all.Adapter;
        string word = at.WordToComplete;
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? settings.Select(s => $"{s.Key}=")
            : settings.Where(s => s.Key == word[..equals]).SelectMany(s => s.Words.Select(w => $"{s.Key}={w}"));
    }

    private static string[] UplinkOf(AdapterStatus adapter) =>
        adapter is NetAdapterStatus { Uplink.Kind: not UplinkKind.None } ? [$"{adapter.Name}/uplink"] : [];

    private IEnumerable<string> Names(CompletionContext at, Argument target, Func<AdapterStatus, IEnumerable<string>> names) =>
        IsWritten(at, target) ? [] : Ask(at, static (client, end) => client.GetAsync(null, end))?.Adapters.SelectMany(names) ?? [];

    // The parser takes the word under the cursor for the argument's value too.
    private static bool IsWritten(CompletionContext at, Argument argument) =>
        at.ParseResult.GetResult(argument)?.Tokens is [{ Value: var value }, ..] && value != at.WordToComplete;

    private TResult? Ask<TResult>(CompletionContext at, Func<ControlClient, CancellationToken, Task<TResult>> question)
        where TResult : class
    {
        async Task<TResult> AskAsync(CancellationToken end)
        {
            await using ControlClient client = await context.ConnectAsync(at.ParseResult, end).ConfigureAwait(false);
            return await question(client, end).ConfigureAwait(false);
        }

        using var limit = new CancellationTokenSource(Patience);
        try
        {
            // System.CommandLine asks for completions synchronously.
            return Task.Run(() => AskAsync(limit.Token), limit.Token).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is ControlException or OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
