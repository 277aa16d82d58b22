using System.CommandLine;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli.Commands;

/// <summary>What all commands have that change desired state.</summary>
internal sealed class ChangeOptions
{
    private readonly Option<bool> _dryRun = new("--dry-run", "-n") { Description = "Show the steps and do none of them." };

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Also do what takes a device away from a running guest, or data.",
    };

    /// <summary>Plan only.</summary>
    public bool DryRun(ParseResult parse) => parse.GetValue(_dryRun);

    /// <summary>Whatever guests lose.</summary>
    public bool Force(ParseResult parse) => parse.GetValue(_force);

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_dryRun);
        command.Add(_force);
    }

    /// <summary>Shows what was done.</summary>
    public static void Show(ApplyResult result, bool json, Terminal terminal)
    {
        if (json)
        {
            JsonText.Write(terminal.Out, result, ControlJson.Default.ApplyResult);
        }
        else if (result.Steps.Count == 0)
        {
            terminal.Out.WriteLine("nothing to change");
        }
        else
        {
            Tables.Show(terminal, StepTable.Of(result.Steps));
        }
    }
}
