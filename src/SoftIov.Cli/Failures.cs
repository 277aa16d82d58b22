using System.Globalization;
using System.Text;
using SoftIov.Api;
using SoftIov.Cli.Output;

namespace SoftIov.Cli;

/// <summary>What went wrong, on standard error: the place where it is known, the sentence, and the fix.</summary>
internal static class Failures
{
    /// <summary>Writes and returns the exit code.</summary>
    public static int Report(ControlException error, Terminal terminal)
    {
        if (error.Details.Steps.Count > 0)
        {
            terminal.Error.Write(PlainText.Of(StepTable.Of(error.Details.Steps)));
        }

        terminal.Error.Write(Text(error));
        return error.Code switch
        {
            ControlErrorCode.ConnectionLost => ExitCode.NoDaemon,
            ControlErrorCode.InvalidParameters => ExitCode.Usage,
            _ => ExitCode.Failed,
        };
    }

    private static string Text(ControlException error)
    {
        var text = new StringBuilder();
        IReadOnlyList<ErrorDetail> details = error.Details.Errors;
        if (details.Count == 1)
        {
            Append(text, details[0] with { Message = error.Message });
            return text.ToString();
        }

        foreach (ErrorDetail detail in details)
        {
            Append(text, detail);
        }

        return text.Append("error: ").AppendLine(error.Message).ToString();
    }

    private static void Append(StringBuilder text, ErrorDetail detail)
    {
        if (detail.File is { } file)
        {
            text.Append(file).Append(':');
        }

        if (detail.Line is { } line)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line}:{detail.Column}:");
        }

        text.Append(text.Length > 0 && text[^1] == ':' ? " error: " : "error: ").AppendLine(detail.Message);
        if (detail.Fix is { } fix)
        {
            text.Append("  fix: ").AppendLine(fix);
        }
    }
}
