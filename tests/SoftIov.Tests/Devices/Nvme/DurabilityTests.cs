using SoftIov.Lab.Nvme;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What is there after a power cut: all that a flush, FUA, a switched-off cache or a shutdown promised.</summary>
public sealed class DurabilityTests : IDisposable
{
    private const byte VolatileWriteCache = 6;
    private const int BlockBytes = 512;

    private readonly ControlledStore _store = new(16 * ControllerRig.Mebi) { IsAutomatic = true };
    private readonly ControllerRig _rig;
    private readonly NamespaceClient _disk;

    public DurabilityTests()
    {
        _store.Fill(0, Enumerable.Repeat((byte)0x55, 16 * ControllerRig.Mebi).ToArray());
        _rig = ControllerRig.Enabled(_store);
        _disk = _rig.AddDisk();
        byte[] before = [.. Enumerable.Repeat((byte)0x11, 64 * BlockBytes)];
        _disk.Write(0, before).Check("write");
        _disk.Flush().Check("flush");
    }

    private static byte[] Written => [.. Enumerable.Repeat((byte)0x22, BlockBytes)];

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N045_A_write_is_durable_after_a_flush()
    {
        _disk.Write(3, Written).Check("write");
        Assert.Equal(0x11, AfterPowerCut(3));
        _disk.Flush().Check("flush");
        Assert.Equal(0x22, AfterPowerCut(3));
    }

    [Fact]
    public void N045_A_write_with_forced_unit_access_is_durable_when_it_completes()
    {
        _disk.Write(3, Written, NvmCommand.ForceUnitAccess).Check("write");
        Assert.Equal(0x22, AfterPowerCut(3));
    }

    [Fact]
    public void N045_Without_a_write_cache_everything_is_durable_when_it_completes()
    {
        _rig.Driver.Admin.SetFeature(VolatileWriteCache, 0).Check("write cache off");
        _disk.Write(1, Written).Check("write");
        _disk.WriteZeroes(2, 1).Check("write zeroes");
        _disk.WriteZeroes(3, 1, deallocates: true).Check("write zeroes");
        _disk.Deallocate(new BlockRange(0, 1, 4), new BlockRange(0, 2, 6)).Check("deallocate");
        _disk.Copy(9, new CopyRange(1, 1)).Check("copy");
        Assert.Equal([0x11, 0x22, 0, 0, 0, 0x11, 0, 0, 0x11, 0x22], Enumerable.Range(0, 10).Select(AfterPowerCut));
    }

    [Fact]
    public void N045_A_deallocation_with_the_cache_on_waits_for_a_flush()
    {
        _disk.Deallocate(new BlockRange(0, 1, 4)).Check("deallocate");
        Assert.Equal(0x11, AfterPowerCut(4));
        _disk.Flush().Check("flush");
        Assert.Equal(0, AfterPowerCut(4));
    }

    [Fact]
    public void N045_A_flush_of_all_namespaces_makes_every_write_durable()
    {
        _disk.Write(3, Written).Check("write");
        _disk.Execute(NvmCommand.Flush(uint.MaxValue)).Check("flush");
        Assert.Equal(0x22, AfterPowerCut(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void N006_A_shutdown_is_complete_when_all_is_on_stable_media(int kind)
    {
        _disk.Write(3, Written).Check("write");
        _store.IsAutomatic = false;
        _rig.Driver.Registers.Configuration = _rig.Driver.Registers.Configuration.WithShutdown(kind);
        for (int i = 0; i < 4; i++)
            _rig.Poll();
        Assert.Equal(1, _rig.Driver.Registers.Status.Shutdown);
        Assert.Equal(0x11, AfterPowerCut(3));
        _store.Answer();
        for (int i = 0; i < 4; i++)
            _rig.Poll();
        Assert.Equal(2, _rig.Driver.Registers.Status.Shutdown);
        Assert.Equal(0x22, AfterPowerCut(3));
    }

    private byte AfterPowerCut(int lba)
    {
        long offset = _rig.Subsystem.Allocated[_disk.NamespaceId]!.Locate((long)lba * BlockBytes, out _);
        return _store.AfterPowerCut().Content[offset];
    }
}
