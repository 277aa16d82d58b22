using System.Collections.Concurrent;
using SoftIov.Lab.Pci;
using SoftIov.Lab.VhostUser;
using SoftIov.Tests.Lab;
using SoftIov.Tests.Linux;
using SoftIov.Transports;
using SoftIov.Transports.VhostUser;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Two VFs of a network adapter, each at a vhost-user socket, and front-ends for them.</summary>
internal sealed class FrontEndSetup : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ScratchFolder _folder = new();
    private readonly SemaphoreSlim _detached = new(0);
    private readonly List<IDisposable> _owned = [];

    public FrontEndSetup(int queuePairs = 1, bool allowUnsealed = false, VhostUserSettings? settings = null)
    {
        EpollSleep[] sleeps = [new EpollSleep()];
        Setup = new NetPairSetup(vfCount: 2, queuePairs, sleeps: sleeps);
        Server = new VhostUserServer(TimeProvider.System, settings ?? new VhostUserSettings(), sleeps);
        Server.SocketFaulted += (_, broken) => Faults.Enqueue(broken);
        Sockets = [Serve(0, allowUnsealed), Serve(1, allowUnsealed)];
    }

    public NetPairSetup Setup { get; }

    public VhostUserServer Server { get; }

    public VhostUserSocket[] Sockets { get; }

    public ConcurrentQueue<string> Reasons { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ConcurrentQueue<Exception> Faults { get; } = new();

    public FrontEndChannel Connect(int vf) => FrontEndChannel.Connect(Sockets[vf].Path);

    /// <summary>A driver for a VF, with memory of its own.</summary>
    public VhostUserNetDriver Open(int vf, FrontEndOptions? options = null)
    {
        options ??= new FrontEndOptions { Driver = Small };
        var memory = DriverMemory.CreateShared("guest", options.Driver.MemoryNeeded, DriverMemory.DefaultIova + ((ulong)vf << 40));
        VhostUserNetDriver driver = VhostUserNetDriver.Open(Connect(vf), memory, options);
        _owned.AddRange([driver, memory]);
        return driver;
    }

    /// <summary>Features of <see cref="FrontEndOptions.Plain"/>, small rings.</summary>
    public static SoftIov.Lab.Virtio.NetDriverOptions Small { get; } = new() { Features = FrontEndOptions.Plain, RingSize = 64 };

    public string WaitDetached()
    {
        Assert.True(_detached.Wait(Patience));
        Assert.True(Reasons.TryDequeue(out string? reason));
        return reason;
    }

    /// <summary>A frame from one VF to the other, of its own kind.</summary>
    public static byte[] Frame(int source, int destination, int length = 100)
    {
        byte[] frame = new byte[length];
        NetPairSetup.MacOf(destination).CopyTo(frame);
        NetPairSetup.MacOf(source).CopyTo(frame.AsSpan(6));
        (frame[12], frame[13]) = (0x88, 0xB5);
        Random.Shared.NextBytes(frame.AsSpan(14));
        return frame;
    }

    /// <summary>Sends a frame and finds it at the other side.</summary>
    public static void Send(VhostUserNetDriver from, VhostUserNetDriver to, int source, int destination, int pair = 0)
    {
        byte[] frame = Frame(source, destination);
        Assert.True(SpinWait.SpinUntil(() => from.Pairs[pair].TrySend(default, frame), Patience));
        Assert.Equal(frame, Receive(to));
    }

    /// <summary>The next frame of the first pair.</summary>
    public static byte[] Receive(VhostUserNetDriver driver)
    {
        byte[] received = new byte[4096];
        Assert.True(driver.Pairs[0].WaitForFrame(Patience));
        return received[..driver.Pairs[0].TryReceive(received, out _)];
    }

    public void Dispose()
    {
        Server.Dispose();
        foreach (IDisposable owned in _owned)
            owned.Dispose();
        Setup.Dispose();
        _folder.Dispose();
        Assert.Empty(Faults);
    }

    private VhostUserSocket Serve(int vf, bool allowUnsealed) => Server.Serve(
        Setup.Adapter.Vf(vf)!,
        Setup.Function(vf).Rings,
        new VhostUserSocketOptions { Path = _folder.File($"{vf}.sock"), AllowUnsealedMemory = allowUnsealed },
        socket =>
        {
            socket.Warned += (_, what) => Warnings.Enqueue(what);
            socket.Detached += (_, reason) =>
            {
                Reasons.Enqueue(reason);
                _detached.Release();
            };
        });
}
