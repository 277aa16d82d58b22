using System.Runtime.InteropServices;
using SoftIov.Cli;

// The first signal asks the command to end in order, the second ends it at once.
using var interrupt = new CancellationTokenSource();
PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
PosixSignalRegistration[] registrations = [.. signals.Select(s => PosixSignalRegistration.Create(s, End))];
try
{
    return await CommandLine.RunAsync(args, Terminal.OfProcess(), interrupt.Token).ConfigureAwait(false);
}
finally
{
    Array.ForEach(registrations, r => r.Dispose());
}

void End(PosixSignalContext context)
{
    context.Cancel = !interrupt.IsCancellationRequested;
    interrupt.Cancel();
}
