namespace SoftIov.Cli.Output;

/// <summary>Shows tables again and again until interrupted: redrawn in place for people, appended for pipes.</summary>
internal static class LiveView
{
    /// <summary>Reads and shows every <paramref name="interval"/> until cancelled; that is the way it ends, and no error.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="interval">Time between two frames.</param>
    /// <param name="read">The tables of one frame.</param>
    /// <param name="onlyChanges">Whether a pipe gets only frames that differ from the one before.</param>
    /// <param name="cancellationToken">The end.</param>
    public static async Task RunAsync(
        Terminal terminal,
        TimeSpan interval,
        Func<CancellationToken, Task<IReadOnlyList<Table>>> read,
        bool onlyChanges,
        CancellationToken cancellationToken)
    {
        Func<Action<IReadOnlyList<Table>>, Task> loop = show => EveryAsync(interval, async () =>
            show(await read(cancellationToken).ConfigureAwait(false)), cancellationToken);
        if (terminal.IsInteractive)
        {
            await ColorTables.LiveAsync(terminal, loop).ConfigureAwait(false);
        }
        else
        {
            string last = "";
            await loop(tables => last = Append(terminal, PlainText.Of(tables), last, onlyChanges)).ConfigureAwait(false);
        }
    }

    /// <summary>Does something at once and every <paramref name="interval"/> until cancelled.</summary>
    public static async Task EveryAsync(TimeSpan interval, Func<Task> action, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(interval);
            do
            {
                await action().ConfigureAwait(false);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C
        }
    }

    private static string Append(Terminal terminal, string frame, string last, bool onlyChanges)
    {
        if (onlyChanges && frame == last)
        {
            return last;
        }

        if (last.Length > 0)
        {
            terminal.Out.Write('\n');
        }

        terminal.Out.Write(frame);
        terminal.Out.Flush();
        return frame;
    }
}
