using SoftIov.Devices.Nvme;
using SoftIov.Lab.Nvme;
using Xunit;
using ReservationType = SoftIov.Devices.Nvme.ReservationType;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What commands of a host that holds nothing meet at a reserved namespace (NVMe 1.4, 8.8.1).</summary>
public sealed class ReservedDiskTests : IDisposable
{
    private const uint Register = 0;
    private const uint Acquire = 0;

    private readonly ControllerRig _rig = ControllerRig.Enabled();
    private readonly NamespaceClient _disk;

    public ReservedDiskTests()
    {
        _disk = _rig.AddDisk();
    }

    private Reservations Reservations => _rig.Subsystem.Allocated[_disk.NamespaceId]!.Reservations;

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(ReservationType.WriteExclusive, true)]
    [InlineData(ReservationType.ExclusiveAccess, false)]
    public void N071_Reads_and_writes_of_another_host_conflict_and_a_flush_is_a_write(ReservationType type, bool mayRead)
    {
        Reserve(type);
        byte[] block = new byte[512];
        CheckConflict(!mayRead, _disk.Read(0, block));
        CheckConflict(!mayRead, _disk.Compare(0, block));
        CheckConflict(!mayRead, _disk.Verify(0, 1));
        CheckConflict(true, _disk.Write(0, block));
        CheckConflict(true, _disk.WriteZeroes(0, 1));
        CheckConflict(true, _disk.Deallocate(new BlockRange(0, 1, 0)));
        CheckConflict(true, _disk.Copy(8, new CopyRange(0, 1)));
        CheckConflict(true, _disk.Flush());
    }

    [Fact]
    public void A_flush_of_all_namespaces_is_done_whoever_holds_one()
    {
        Reserve(ReservationType.ExclusiveAccess);
        _disk.Execute(NvmCommand.Flush(uint.MaxValue)).Check("flush");
    }

    private static void CheckConflict(bool expected, CompletionEntry done) =>
        Assert.True(expected ? done.Status.Is(0, 0x83) : done.Status.IsSuccess, done.Status.ToString());

    private void Reserve(ReservationType type)
    {
        var other = new HostId(0xB, false);
        byte[] keys = new byte[16];
        keys[8] = 1;
        Assert.Equal(SoftIov.Devices.Nvme.Spec.NvmeStatus.Success, Reservations.Register(other, Register, keys));
        keys = new byte[16];
        keys[0] = 1;
        Assert.Equal(SoftIov.Devices.Nvme.Spec.NvmeStatus.Success, Reservations.Acquire(other, Acquire | ((uint)type << 8), keys));
    }
}
