using Microsoft.Extensions.Logging.Abstractions;
using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Daemon.Hosting;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>A whole daemon in this process, in directories of its own; it can be stopped and started again on what it saved.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("softiov-host-");
    private DaemonHost? _host;

    private HostFixture()
    {
    }

    /// <summary>What the daemon was told.</summary>
    public DaemonSettings Settings => new()
    {
        SocketPath = Path.Combine(_directory.FullName, "control.sock"),
        StateDirectory = Path.Combine(_directory.FullName, "state"),
        RuntimeDirectory = Path.Combine(_directory.FullName, "run"),
    };

    /// <summary>Commands go here.</summary>
    public ControlClient Client { get; private set; } = null!;

    /// <summary>A daemon with this configuration.</summary>
    public static Task<HostFixture> StartAsync(string yaml) => StartAsync(_ => yaml);

    /// <summary>A daemon with a configuration that names files of the test.</summary>
    public static async Task<HostFixture> StartAsync(Func<string, string> yaml)
    {
        var fixture = new HostFixture();
        await fixture.BeginAsync();
        await fixture.ApplyAsync(yaml(fixture.Files));
        return fixture;
    }

    /// <summary>Ends the daemon and starts another one on what it saved, or with a configuration file.</summary>
    public async Task RestartAsync(string? yaml = null)
    {
        await StopAsync();
        string? file = yaml is null ? null : Path.Combine(Files, "restart.yaml");
        if (file is not null)
            await File.WriteAllTextAsync(file, yaml);
        await BeginAsync(file);
    }

    /// <summary>Starts one that was stopped.</summary>
    public Task StartAgainAsync() => BeginAsync();

    /// <summary>Ends the daemon.</summary>
    public async Task StopAsync()
    {
        await Client.DisposeAsync();
        await _host!.DisposeAsync();
        _host = null;

        // A child that another test forked just now has the locks of files too, until it runs its program.
        foreach (string backing in Directory.GetFiles(Files, "*.img"))
            Assert.True(SpinWait.SpinUntil(() => IsFree(backing), TimeSpan.FromSeconds(30)), $"{backing} is locked still");
    }

    /// <summary>A directory for files of the test.</summary>
    public string Files => _directory.FullName;

    /// <summary>Changes what is wanted.</summary>
    public Task<ApplyResult> ApplyAsync(string yaml, bool force = false) =>
        Client.ApplyAsync(new ApplyRequest(Yaml: yaml, File: "test.yaml", Force: force));

    /// <summary>Path of a function's socket.</summary>
    public string Socket(string file, string adapter = "net0") => Path.Combine(Settings.RuntimeDirectory, adapter, file);

    /// <summary>Who has the lease of a target, in the daemon's words.</summary>
    public async Task<string> LeaseAsync(string target) =>
        (await Client.DescribeAsync(target)).Sections.SelectMany(s => s.Rows).First(r => r.Name == "lease").Value;

    /// <summary>A network function as the daemon shows it.</summary>
    public async Task<NetFunctionStatus> FunctionAsync(string target) =>
        (NetFunctionStatus)(await Client.GetAsync(target)).Adapters.Single().Functions.Single();

    /// <summary>Waits until what the daemon shows of a function is as wanted.</summary>
    public async Task<NetFunctionStatus> UntilAsync(string target, Func<NetFunctionStatus, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            NetFunctionStatus status = await FunctionAsync(target);
            if (isWanted(status))
                return status;
            await Task.Delay(5, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await StopAsync();
        _directory.Delete(recursive: true);
    }

    private async Task BeginAsync(string? configuration = null)
    {
        _host = DaemonHost.Start(Settings with { ConfigurationFile = configuration }, NullLoggerFactory.Instance);
        Client = await ControlClient.ConnectAsync(Settings.SocketPath);
    }

    private static bool IsFree(string file)
    {
        using FileDescriptor opened = FileDescriptor.Open(file, writable: true);
        return FileSpace.TryLock(opened);
    }
}
