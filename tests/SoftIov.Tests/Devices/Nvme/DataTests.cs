using SoftIov.Lab.Nvme;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What commands do to data (NVM command set 1.0, 3.2), on both kinds of store.</summary>
public sealed class DataTests
{
    private const int Block = 512;
    private const int Blocks = 8 * ControllerRig.Mebi / Block;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void N043_Scatter_gather_lists_are_not_offered_and_refused(int kind)
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        var flags = (byte)(kind << 6);
        Assert.Equal(0u, rig.Driver.Admin.IdentifyController().SglSupport);
        Assert.Equal(refused, disk.Execute(NvmCommand.Read(disk.NamespaceId, 0, 1) with { Flags = flags, Prp1 = disk.DataAddress }).Status);
        Assert.Equal(refused, disk.Execute(NvmCommand.Flush(disk.NamespaceId) with { Flags = flags }).Status);
        SubmissionEntry identify = AdminCommand.Identify(IdentifyCns.Controller) with { Flags = flags, Prp1 = disk.DataAddress };
        Assert.Equal(refused, rig.Driver.Admin.Execute(identify).Status);
    }

    [Theory]
    [InlineData(Blocks, 1)]
    [InlineData(Blocks - 1, 2)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(ulong.MaxValue, 2)]
    [InlineData(ulong.MaxValue - 7, 8)]
    [InlineData(0x007F_FFFF_FFFF_FFFF, 8)] // its bytes do not fit into 63 bits
    [InlineData(0x0080_0000_0000_0000, 8)] // and these wrap to 0
    public void N044_Blocks_beyond_the_end_are_refused_however_large_their_numbers(ulong first, int count)
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        byte[] data = new byte[count * Block];
        byte[] written = new byte[64 * Block];
        written.AsSpan().Fill(9);
        disk.Write(0, written).Check("write");
        NvmeStatus refused = NvmeStatus.Of(0, 0x80, doNotRetry: true);
        Assert.Equal(refused, disk.Read(first, data).Status);
        Assert.Equal(refused, disk.Write(first, data).Status);
        Assert.Equal(refused, disk.Compare(first, data).Status);
        Assert.Equal(refused, disk.Verify(first, count).Status);
        Assert.Equal(refused, disk.WriteZeroes(first, count).Status);
        Assert.Equal(refused, disk.Deallocate(new BlockRange(0, 8, 0), new BlockRange(0, (uint)count, first)).Status);
        Assert.Equal(refused, disk.Copy(first, new CopyRange(0, count)).Status);
        Assert.Equal(refused, disk.Copy(0, new CopyRange(first, count)).Status);
        byte[] read = new byte[written.Length];
        disk.Read(0, read).Check("read");
        Assert.Equal(written, read);
    }

    [Fact]
    public void N044_The_last_block_is_not_beyond_the_end()
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        byte[] data = new byte[Block];
        disk.Write(Blocks - 1, data).Check("write");
        disk.Read(Blocks - 1, data).Check("read");
        disk.WriteZeroes(0, Blocks).Check("write zeroes");
        disk.Deallocate(new BlockRange(0, Blocks, 0)).Check("deallocate");
    }

    [Fact]
    public void N045_What_was_flushed_or_written_with_FUA_survives_a_power_cut_and_nothing_else_must()
    {
        using var store = new ControlledStore(16 << 20) { IsAutomatic = true };
        using ControllerRig rig = ControllerRig.Enabled(store);
        NamespaceClient disk = rig.AddDisk();
        Assert.Equal(1, rig.Driver.Admin.IdentifyController().VolatileWriteCache & 1);

        disk.Write(0, Pattern(1)).Check("write");
        disk.Write(8, Pattern(2), NvmCommand.ForceUnitAccess).Check("write");
        Assert.Equal([0, 2, 0, 0], Stable(rig, store));
        disk.Flush().Check("flush");
        Assert.Equal([1, 2, 0, 0], Stable(rig, store));
        disk.Write(16, Pattern(3)).Check("write");
        Assert.Equal([1, 2, 0, 0], Stable(rig, store));
        disk.Execute(NvmCommand.Flush(uint.MaxValue)).Check("flush of all");
        Assert.Equal([1, 2, 3, 0], Stable(rig, store));

        rig.Driver.Admin.SetFeature(0x06, 0).Check("no write cache");
        disk.Write(24, Pattern(4)).Check("write");
        Assert.Equal([1, 2, 3, 4], Stable(rig, store));
        disk.WriteZeroes(0, 8).Check("write zeroes");
        Assert.Equal([0, 2, 3, 4], Stable(rig, store));
        disk.Copy(0, new CopyRange(24, 8)).Check("copy");
        Assert.Equal([4, 2, 3, 4], Stable(rig, store));

        rig.Driver.Admin.SetFeature(0x06, 1).Check("write cache");
        disk.Execute(NvmCommand.WriteZeroes(disk.NamespaceId, 8, 8) with { Dword12 = 7 | NvmCommand.ForceUnitAccess }).Check("write zeroes");
        Assert.Equal([4, 0, 3, 4], Stable(rig, store));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void N006_A_shutdown_flushes(int kind)
    {
        using var store = new ControlledStore(16 << 20) { IsAutomatic = true };
        using ControllerRig rig = ControllerRig.Enabled(store);
        NamespaceClient disk = rig.AddDisk();
        disk.Write(0, Pattern(5)).Check("write");
        Assert.Equal(0, Stable(rig, store)[0]);
        rig.Driver.Shutdown(kind);
        Assert.Equal(5, Stable(rig, store)[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void N046_What_was_zeroed_or_deallocated_reads_as_DLFEAT_says(bool takesTime)
    {
        using ControllerRig rig = MakeRig(takesTime);
        NamespaceClient disk = rig.AddDisk();

        // Deallocated blocks read as zeroes (bits 2:0 are 1), and Write Zeroes may deallocate (bit 3).
        Assert.Equal(9, rig.Driver.Admin.IdentifyNamespace(disk.NamespaceId).DeallocateFeatures);
        byte[] all = new byte[128 * Block];
        all.AsSpan().Fill(0xAB);
        disk.Write(0, all).Check("write");
        disk.WriteZeroes(1, 3).Check("write zeroes");
        disk.WriteZeroes(9, 5, deallocates: true).Check("write zeroes");
        disk.Deallocate(new BlockRange(0, 1, 20), new BlockRange(0, 0, 21), new BlockRange(0, 17, 31), new BlockRange(0, 2, 100)).Check("deallocate");
        byte[] read = new byte[all.Length];
        disk.Read(0, read).Check("read");
        foreach ((int from, int count) in ((int, int)[])[(1, 3), (9, 5), (20, 1), (31, 17), (100, 2)])
            all.AsSpan(from * Block, count * Block).Clear();
        Assert.Equal(all, read);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void N047_Compare_tells_equal_from_different(bool takesTime)
    {
        using ControllerRig rig = MakeRig(takesTime);
        NamespaceClient disk = rig.AddDisk();
        byte[] data = new byte[64 * Block];
        Random.Shared.NextBytes(data);
        disk.Write(7, data).Check("write");
        disk.Compare(7, data).Check("compare");
        foreach (int at in (int[])[0, 1, 4095, 4096, data.Length - 1])
        {
            data[at] ^= 0x80;
            Assert.Equal(NvmeStatus.Of(2, 0x85, doNotRetry: true), disk.Compare(7, data).Status);
            data[at] ^= 0x80;
        }

        disk.Compare(7, data).Check("compare");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void N047_Fused_commands_are_not_offered_and_refused(int fuse)
    {
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        Assert.Equal(0, rig.Driver.Admin.IdentifyController().FusedOperations);
        SubmissionEntry write = NvmCommand.Write(disk.NamespaceId, 0, 1) with { Flags = (byte)fuse, Prp1 = disk.DataAddress };
        disk.Data.Fill(1);
        Assert.Equal(NvmeStatus.Of(0, 0x02, doNotRetry: true), disk.Execute(write).Status);
        byte[] read = new byte[Block];
        disk.Read(0, read).Check("read");
        Assert.False(read.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void N048_Protection_information_is_not_offered_and_its_bits_move_nothing()
    {
        const uint ActionAndChecks = 0xFu << 26;
        using ControllerRig rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        NamespaceIdentity identity = rig.Driver.Admin.IdentifyNamespace(disk.NamespaceId);
        Assert.Equal([0, 0, 0], identity.Bytes[27..30]);
        for (int format = 0; format < identity.FormatCount; format++)
            Assert.Equal(0, identity.MetadataLengthOf(format));
        byte[] read = new byte[8 * Block];
        disk.Write(0, Pattern(6), ActionAndChecks).Check("write");
        disk.Read(0, read, ActionAndChecks).Check("read");
        Assert.Equal(Pattern(6), read);
    }

    private static ControllerRig MakeRig(bool takesTime) =>
        ControllerRig.Enabled(takesTime ? new ControlledStore(16 << 20) { IsAutomatic = true } : null);

    private static byte[] Pattern(byte value) => [.. Enumerable.Repeat(value, 8 * Block)];

    /// <summary>What a power cut leaves of the first four times eight blocks.</summary>
    private static byte[] Stable(ControllerRig rig, ControlledStore store)
    {
        long start = rig.Subsystem.Record.Namespaces[0].Extents[0].Offset;
        byte[] content = store.AfterPowerCut().Content;
        return [.. Enumerable.Range(0, 4).Select(i => content[start + (i * 8 * Block)])];
    }
}
