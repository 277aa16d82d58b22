using System.CommandLine;
using SoftIov.Daemon.Hosting;

// The daemon handles its signals itself: left to the library, it would exit with 143, and in the middle of an end that takes longer than 2 s.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await DaemonCommand.Create().Parse(args).InvokeAsync(invocation).ConfigureAwait(false);
