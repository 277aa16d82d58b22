using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Linux;

namespace SoftIov.Daemon.Hosting;

/// <summary>The command line of softiovd.</summary>
internal static class DaemonCommand
{
    private const int Failure = 1;

    private static readonly Option<FileInfo?> Config = new("--config", "-c")
    {
        Description = "YAML file of desired state that replaces the saved state; without it the daemon goes on with what it saved. Leases that "
            + "attach gave stay.",
        HelpName = "FILE",
    };

    private static readonly Option<string> Socket = new("--socket")
    {
        Description = $"Control socket, mode 0600 (environment: {ControlSocket.Variable}).",
        HelpName = "PATH",
        DefaultValueFactory = _ => ControlSocket.DefaultPath,
    };

    private static readonly Option<string> State = new("--state-dir")
    {
        Description = "Where desired state is saved.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DesiredStateFile.DefaultDirectory,
    };

    private static readonly Option<string> RuntimeDirectory = new("--runtime-dir")
    {
        Description = "Where adapters have the directories of their functions' sockets.",
        HelpName = "DIR",
        DefaultValueFactory = _ => ControlSocket.RuntimeDirectory,
    };

    private static readonly Option<int> Pollers = new("--pollers")
    {
        Description = "Poller threads, 1 to 64.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Cores = new("--poller-cores")
    {
        Description = "Processors to bind pollers to, a poller for each, as 2,3 or 2-5. Without it the kernel places them.",
        HelpName = "LIST",
    };

    private static readonly Option<int> Spin = new("--spin-us")
    {
        Description = "Microseconds for which an idle queue is polled on before it is left to its doorbell, 0 to 1000000.",
        HelpName = "N",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<LogLevel> Level = new("--log-level")
    {
        Description = "Least severe messages that are logged (to standard error).",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => LogLevel.Information,
    };

    /// <summary>The command, ready to be invoked.</summary>
    public static RootCommand Create()
    {
        Pollers.Validators.Add(result => Within(result, Pollers, 1, 64));
        Cores.Validators.Add(CheckCores);
        Spin.Validators.Add(result => Within(result, Spin, 0, 1_000_000));
        var command = new RootCommand("The SoftIov daemon: software SR-IOV adapters for virtual machines. Ends on SIGTERM or SIGINT.")
        {
            Config, Socket, State, RuntimeDirectory, Pollers, Cores, Spin, Level,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private static void Within(System.CommandLine.Parsing.OptionResult result, Option<int> option, int low, int high)
    {
        if (result.GetValue(option) is var value && (value < low || value > high))
            result.AddError($"{option.Name} takes {low} to {high}, not {value}");
    }

    private static void CheckCores(System.CommandLine.Parsing.OptionResult result)
    {
        if (!ProcessorList.TryParse(result.GetValue(Cores) ?? "", out IReadOnlyList<int> cores))
        {
            result.AddError($"{Cores.Name} takes numbers of processors, as 2,3 or 2-5");
            return;
        }

        IReadOnlyList<int> allowed = ThreadAffinity.Allowed;
        if (cores.Where(core => !allowed.Contains(core)).ToArray() is { Length: > 0 } missing)
            result.AddError($"this process may not run on processor {missing[0]}; it may on {string.Join(',', allowed)}");
        if (result.Parent is System.CommandLine.Parsing.CommandResult command && command.GetResult(Pollers) is { Implicit: false }
            && command.GetValue(Pollers) != cores.Count)
            result.AddError($"{Cores.Name} names {cores.Count} processors for {command.GetValue(Pollers)} pollers");
    }

    private static async Task<int> RunAsync(ParseResult parsed)
    {
        using ILoggerFactory logs = NewLog(parsed.GetValue(Level));
        try
        {
            await using DaemonHost host = DaemonHost.Start(Settings(parsed), logs);
            using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, host);
            using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, host);
            ServiceNotification.Ready();
            await host.Stopped.ConfigureAwait(false);
            return 0;
        }
        catch (ControlException error)
        {
            foreach (ErrorDetail detail in error.Details.Errors is { Count: > 0 } all ? all : [new ErrorDetail(error.Message)])
                Console.Error.WriteLine(detail);
            return Failure;
        }
        catch (Exception error) when (error is LinuxException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"softiovd: {error.Message}");
            return Failure;
        }
    }

    /// <summary>To standard error; one line a message, with the severity in front where systemd's journal reads it.</summary>
    private static ILoggerFactory NewLog(LogLevel level) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level).AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 })
            builder.AddSystemdConsole();
        else
        {
            builder.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
            builder.AddConsole(options => options.FormatterName = LineFormatter.FormatterName);
        }
    });

    private static DaemonSettings Settings(ParseResult parsed) => new()
    {
        ConfigurationFile = parsed.GetValue(Config)?.FullName,
        SocketPath = Path.GetFullPath(parsed.GetValue(Socket)!),
        StateDirectory = Path.GetFullPath(parsed.GetValue(State)!),
        RuntimeDirectory = Path.GetFullPath(parsed.GetValue(RuntimeDirectory)!),
        Pollers = parsed.GetValue(Pollers),
        PollerCores = parsed.GetValue(Cores) is { } list && ProcessorList.TryParse(list, out IReadOnlyList<int> cores) ? cores : null,
        SpinMicroseconds = parsed.GetValue(Spin),
    };

    private static PosixSignalRegistration StopOn(PosixSignal signal, DaemonHost host) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        host.Stop();
    });
}
