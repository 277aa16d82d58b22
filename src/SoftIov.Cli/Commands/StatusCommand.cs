using System.CommandLine;
using System.Globalization;
using System.Text;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary><c>softiov status</c>: the daemon and a summary of what it holds.</summary>
internal sealed class StatusCommand : CliCommand
{
    private readonly Option<bool> _json = JsonOption("the daemon's identity");

    /// <summary>The command.</summary>
    public StatusCommand(CommandContext context)
        : base("status", "Show whether the daemon runs, and a summary of what it holds.", context)
    {
        Examples = [("softiov status > /dev/null", "exit code 0 when the daemon answers, 3 when it does not")];
        Add(_json);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        await using ControlClient client = await Context.ConnectAsync(parse, cancellationToken).ConfigureAwait(false);
        VersionResult daemon = await client.GetVersionAsync(cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_json))
        {
            JsonText.Write(Terminal.Out, daemon, ControlJson.Default.VersionResult);
            return ExitCode.Ok;
        }

        GetResult state = await client.GetAsync(null, cancellationToken).ConfigureAwait(false);
        Terminal.Out.Write(Text(daemon, parse.GetValue(Context.Socket) ?? ControlSocket.DefaultPath, state.Adapters));
        return ExitCode.Ok;
    }

    private static string Text(VersionResult daemon, string socket, IReadOnlyList<AdapterStatus> adapters)
    {
        FunctionStatus[] functions = [.. adapters.SelectMany(a => a.Functions)];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"daemon     softiovd {daemon.Version}, process {daemon.ProcessId}\n");
        text.Append(CultureInfo.InvariantCulture, $"started    {daemon.Started.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}\n");
        text.Append(CultureInfo.InvariantCulture, $"control    {socket}\n");
        text.Append(CultureInfo.InvariantCulture, $"state      {daemon.StateDirectory}\n");
        text.Append(CultureInfo.InvariantCulture, $"sockets    {daemon.RuntimeDirectory}\n");
        text.Append(CultureInfo.InvariantCulture, $"adapters   {adapters.Count}\n");
        text.Append(CultureInfo.InvariantCulture, $"vfs        {functions.Count(f => f.Vf is not null)} enabled, ");
        text.Append(CultureInfo.InvariantCulture, $"{functions.Count(f => f.Attachment is not null)} functions attached\n");
        foreach (AdapterStatus adapter in adapters.Where(a => a.Problem is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"problem    {adapter.Name}: {adapter.Problem}\n");
        }

        return text.ToString();
    }
}
