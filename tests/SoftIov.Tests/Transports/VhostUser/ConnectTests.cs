using SoftIov.Linux;
using SoftIov.Tests.Lab;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VhostUser;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>A back-end that connects to a front-end that listens.</summary>
public sealed class ConnectTests
{
    [Fact]
    public void It_tries_again_after_an_error_of_its_own()
    {
        using var folder = new ScratchFolder();
        using var setup = new NetPairSetup(vfCount: 1);
        using var server = new VhostUserServer(TimeProvider.System);
        string path = folder.File("front-end.sock");
        using UnixListener listener = new(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        int admissions = 0;
        var options = new VhostUserSocketOptions
        {
            Path = path,
            IsClient = true,
            Admit = _ => Interlocked.Increment(ref admissions) > 2 ? true : throw new InvalidOperationException("broken on purpose"),
        };
        using VhostUserSocket socket = server.Serve(setup.Adapter.Vf(0)!, setup.Function(0).Rings, options);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref admissions) == 3, FrontEndSetup.Patience));
    }
}
