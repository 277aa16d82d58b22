using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Lab;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Two VFs of a network adapter, each at a socket, and drivers that reach them by vfio-user.</summary>
internal sealed class ServedPair : IDisposable
{
    private static readonly NetDriverOptions DriverOptions = new() { RingSize = 64 };
    private readonly ScratchFolder _folder = new();
    private readonly VfioUserServer _server = new(TimeProvider.System);
    private readonly SemaphoreSlim _detached = new(0);

    public ServedPair()
    {
        Setup = new NetPairSetup(vfCount: 2);
        Sockets = [Serve(0), Serve(1)];
    }

    public NetPairSetup Setup { get; }

    public VfioUserSocket[] Sockets { get; }

    public string Reason { get; private set; } = "";

    public VfioUserSocket Serve(int vf) =>
        _server.Serve(
            Setup.Adapter.Vf(vf)!,
            new VfioUserSocketOptions { Path = _folder.File($"{vf}.sock") },
            socket => socket.Detached += OnDetached);

    /// <summary>A driver for a VF, with memory of its own; all gone when disposed of.</summary>
    public ServedDriver Open(int vf) => new(VfioUserDevice.Connect(Sockets[vf].Path), DriverOptions);

    public void WaitDetached() => Assert.True(_detached.Wait(ServedModel.Patience));

    /// <summary>A frame from one VF to the other, there and back.</summary>
    public static void Exchange(ServedDriver first, ServedDriver second)
    {
        Send(first, second, 0, 1);
        Send(second, first, 1, 0);
    }

    public void Dispose()
    {
        _server.Dispose();
        Setup.Dispose();
        _folder.Dispose();
    }

    private static void Send(ServedDriver from, ServedDriver to, int source, int destination)
    {
        byte[] frame = new byte[100];
        NetPairSetup.MacOf(destination).CopyTo(frame);
        NetPairSetup.MacOf(source).CopyTo(frame.AsSpan(6));
        (frame[12], frame[13], frame[99]) = (0x88, 0xB5, (byte)Random.Shared.Next());
        Assert.True(SpinWait.SpinUntil(() => from.Driver.TrySend(frame), ServedModel.Patience));
        Assert.True(to.Driver.WaitForFrame(ServedModel.Patience));
        byte[] received = new byte[2048];
        Assert.Equal(frame, received[..to.Driver.TryReceive(received)]);
    }

    private void OnDetached(VfioUserSocket socket, string reason)
    {
        Reason = reason;
        _detached.Release();
    }
}
