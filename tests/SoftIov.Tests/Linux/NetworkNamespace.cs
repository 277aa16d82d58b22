using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace SoftIov.Tests.Linux;

/// <summary>
/// A network namespace without a name: a thread lives in it and runs what it is given. With the thread, the last socket and the last thread
/// started from it the namespace and all its interfaces are gone, even when the test process is killed.
/// </summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x4000_0000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public NetworkNamespace()
    {
        _thread = new Thread(Live) { IsBackground = true, Name = "namespace" };
        _thread.Start();
        ThreadId = Run(gettid);
        EnableIPv6(false);
        Ip("link set lo up");
    }

    /// <summary>Names the namespace for <c>ip link set ... netns</c>.</summary>
    public int ThreadId { get; }

    /// <summary>Runs something in the namespace: sockets, processes and threads made there belong to it for good.</summary>
    public T Run<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? thrown = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                result = function();
            }
            catch (Exception exception)
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        thrown?.Throw();
        return result;
    }

    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>Runs ip(8) there and returns what it prints.</summary>
    public string Ip(string arguments) => Tool("ip", arguments);

    /// <summary>
    /// Waits until there is no such interface: a child that another test forked just now has a tap's descriptor until it runs its program.
    /// </summary>
    public bool IsRidOf(string name) => SpinWait.SpinUntil(() => !Ip("link show").Contains($"{name}:", StringComparison.Ordinal), Patience);

    /// <summary>Waits until ip(8) says so of an interface, for the same reason.</summary>
    public bool IsLink(string name, string what) =>
        SpinWait.SpinUntil(() => Ip($"-d link show {name}").Contains(what, StringComparison.Ordinal), Patience);

    /// <summary>Runs a program there and returns what it prints; throws when it fails.</summary>
    public string Tool(string program, string arguments) => Run(() =>
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {arguments}: exit code {process.ExitCode}: {error.Result}");
    });

    /// <summary>
    /// Whether interfaces made from now on speak IPv6. They do not at first: a host that does sends of its own accord, which no test expects.
    /// </summary>
    public void EnableIPv6(bool enabled) => Run(() => File.WriteAllText("/proc/sys/net/ipv6/conf/default/disable_ipv6", enabled ? "0" : "1"));

    /// <summary>Makes a veth pair with one end here and one end there, both up.</summary>
    public void AddVeth(string name, NetworkNamespace peer, string peerName, int mtu = 1500)
    {
        Ip($"link add {name} mtu {mtu} type veth peer name {peerName} mtu {mtu} netns /proc/{Environment.ProcessId}/task/{peer.ThreadId}/ns/net");
        Ip($"link set {name} up");
        peer.Ip($"link set {peerName} up");
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Live()
    {
        if (unshare(CloneNewNet) != 0)
        {
            throw new InvalidOperationException($"unshare: error {Marshal.GetLastPInvokeError()}");
        }

        foreach (Action action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }

#pragma warning disable SYSLIB1054, IDE1006 // source-generated imports need unsafe code, which tests are not to have; names are libc's
    [DllImport("libc", SetLastError = true)]
    private static extern int unshare(int flags);

    [DllImport("libc")]
    private static extern int gettid();
#pragma warning restore SYSLIB1054, IDE1006
}
