using System.Text;
using Spectre.Console;

namespace SoftIov.Cli.Output;

/// <summary>A terminal as Spectre.Console asks for it, without its own look at the process's console.</summary>
internal sealed class TerminalOutput(Terminal terminal) : IAnsiConsoleOutput
{
    /// <inheritdoc/>
    public TextWriter Writer => terminal.Out;

    /// <inheritdoc/>
    public bool IsTerminal => terminal.IsInteractive;

    /// <inheritdoc/>
    public int Width => terminal.Size().Columns;

    /// <inheritdoc/>
    public int Height => terminal.Size().Rows;

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
    }
}
