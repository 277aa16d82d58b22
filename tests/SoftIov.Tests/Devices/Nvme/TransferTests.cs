using SoftIov.Datapath;
using SoftIov.Lab.Nvme;
using SoftIov.Transports;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Blocks in and out, on every kind of store.</summary>
public sealed class TransferTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"nvme-transfer-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_was_written_is_read_back_from_memory()
    {
        using var rig = ControllerRig.Enabled();
        RoundTrip(rig);
    }

    [Fact]
    public void What_was_written_is_read_back_from_a_file()
    {
        using var sleep = new EpollSleep();
        using var scheduler = new PollScheduler([sleep], new PollSettings(), TimeProvider.System);
        using var rig = ControllerRig.Enabled(
            new BlockStores([sleep]).Open(new BackingOptions(BackingKind.File, _path, 64 * ControllerRig.Mebi)), scheduler: scheduler);
        RoundTrip(rig);
    }

    private static void RoundTrip(ControllerRig rig)
    {
        NamespaceClient disk = rig.AddDisk();
        byte[] written = new byte[64 * 1024];
        Random.Shared.NextBytes(written);
        byte[] read = new byte[written.Length];
        disk.Write(8, written).Check("write");
        disk.Flush().Check("flush");
        disk.Read(8, read).Check("read");
        Assert.Equal(written, read);
        disk.Compare(8, written).Check("compare");
        disk.WriteZeroes(8, 16).Check("write zeroes");
        disk.Read(8, read.AsSpan(0, 8192)).Check("read");
        Assert.All(read.Take(8192), each => Assert.Equal(0, each));
        disk.Deallocate(new BlockRange(0, 16, 40)).Check("deallocate");
        disk.Read(40, read.AsSpan(0, 8192)).Check("read");
        Assert.All(read.Take(8192), each => Assert.Equal(0, each));
    }
}
