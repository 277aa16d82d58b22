using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Format and write protection.</summary>
public sealed class FormatTests
{
    private readonly SubsystemFixture _fixture = new();

    private NvmeSubsystem Subsystem => _fixture.Subsystem;

    [Fact]
    public async Task A_format_erases_when_nothing_is_in_flight_and_changes_the_blocks()
    {
        uint id = _fixture.CreateAttached(2, SubsystemFixture.Vf0);
        _fixture.Fill(id, 0xA5);
        Namespace before = Subsystem.Attached(SubsystemFixture.Vf0)[id]!;
        Assert.True(before.TryEnter(out _));

        Task<NvmeStatus> format = Task.Run(() => Subsystem.Format([id], 1));
        Assert.True(SpinWait.SpinUntil(() => _fixture.Pollers.Count == 1, TimeSpan.FromSeconds(30)));
        Assert.Equal(NvmeStatus.FormatInProgress, before.CheckRead(default));
        Assert.Equal(NvmeStatus.FormatInProgress, before.CheckWrite(default));
        Assert.False(before.TryEnter(out _));
        Assert.False(_fixture.IsZero(id));
        before.Leave(0);
        Assert.Equal(NvmeStatus.Success, await format);

        Namespace after = Subsystem.Attached(SubsystemFixture.Vf0)[id]!;
        Assert.Equal((512UL, 12, before.Uuid), (after.BlockCount, after.BlockShift, after.Uuid));
        Assert.Equal(NvmeStatus.Success, after.CheckWrite(default));
        Assert.Equal(NvmeStatus.FormatInProgress, before.CheckRead(default));
        Assert.True(_fixture.IsZero(id));
        Assert.Equal([$"namespace {id}"], _fixture.Controllers[SubsystemFixture.Vf0].Take());
    }

    [Fact]
    public void A_namespace_too_small_for_one_block_keeps_its_format()
    {
        Subsystem.Create(1, 0, false, out uint id);
        Assert.Equal(NvmeStatus.InvalidFormat, Subsystem.Format([id], 1));
        Assert.Equal(NvmeStatus.Success, Subsystem.Format([id], 0));
    }

    [Fact]
    public void A_format_that_cannot_be_saved_changes_nothing()
    {
        uint id = _fixture.Create();
        _fixture.Fill(id, 0xA5);
        _fixture.Records.IsFailing = true;

        Assert.Equal(NvmeStatus.InternalError, Subsystem.Format([id], 1));

        Assert.False(_fixture.IsZero(id));
        Assert.Equal(0, Subsystem.Allocated[id]!.Format);
        Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[id]!.CheckRead(default));
    }

    [Fact]
    public void A_format_the_store_fails_leaves_a_namespace_that_shows_nothing_until_it_succeeds()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        _fixture.Fill(id, 0xA5);
        _fixture.Store.IsFailing = true;

        Assert.Equal(NvmeStatus.InternalError, Subsystem.Format([id], 1));
        Assert.Equal(NvmeStatus.FormatInProgress, Subsystem.Attached(SubsystemFixture.Vf0)[id]!.CheckRead(default));
        Assert.Throws<IOException>(_fixture.Restart);

        _fixture.Store.IsFailing = false;
        Assert.Equal(NvmeStatus.Success, Subsystem.Format([id], 1));
        Assert.Equal(NvmeStatus.Success, Subsystem.Attached(SubsystemFixture.Vf0)[id]!.CheckRead(default));
        Assert.True(_fixture.IsZero(id));
    }

    [Fact]
    public void A_restart_finishes_what_a_crash_interrupted()
    {
        uint id = _fixture.Create();
        _fixture.Fill(id, 0xA5);
        _fixture.Store.IsFailing = true;
        Subsystem.Format([id], 1);
        _fixture.Store.IsFailing = false;

        SubsystemFixture again = _fixture.Restart();

        Assert.True(again.IsZero(id));
        Assert.Equal(NvmeStatus.Success, again.Subsystem.Allocated[id]!.CheckRead(default));
        Assert.False(again.Records.Saved.Find(id)!.IsErasing);
    }

    [Fact]
    public void A_write_protected_namespace_is_read_and_nothing_else()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0, SubsystemFixture.Vf1);

        Assert.Equal(NvmeStatus.Success, Subsystem.SetWriteProtection(id, WriteProtection.Protected));

        Namespace space = Subsystem.Allocated[id]!;
        Assert.Equal((NvmeStatus.Success, NvmeStatus.NamespaceWriteProtected), (space.CheckRead(default), space.CheckWrite(default)));
        Assert.True(space.TryEnter(out _));
        space.Leave(0);
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, Subsystem.Format([id], 0));
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, Subsystem.Delete(id));
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, Subsystem.Delete(uint.MaxValue));
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, Subsystem.Sanitize(2));
        Assert.Equal([$"namespace {id}"], _fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, _fixture.Restart().Subsystem.Allocated[id]!.CheckWrite(default));

        Assert.Equal(NvmeStatus.Success, Subsystem.SetWriteProtection(id, WriteProtection.None));
        Assert.Equal(NvmeStatus.Success, space.CheckWrite(default));
        Assert.Equal(NvmeStatus.Success, Subsystem.Delete(id));
    }

    [Fact]
    public void Protection_until_a_power_cycle_stays_until_then()
    {
        uint id = _fixture.Create();
        Assert.Equal(NvmeStatus.Success, Subsystem.SetWriteProtection(id, WriteProtection.UntilPowerCycle));
        Assert.Equal(NvmeStatus.Success, Subsystem.SetWriteProtection(id, WriteProtection.UntilPowerCycle));
        Assert.Equal(NvmeStatus.FeatureNotChangeable, Subsystem.SetWriteProtection(id, WriteProtection.None));
        Assert.Equal(NvmeStatus.FeatureNotChangeable, Subsystem.SetWriteProtection(id, WriteProtection.Protected));
        Assert.Equal(NvmeStatus.NamespaceWriteProtected, Subsystem.Allocated[id]!.CheckWrite(default));
        Assert.Equal(WriteProtection.None, _fixture.Restart().Subsystem.Allocated[id]!.Protection);
    }

    [Fact]
    public void Malformed_write_protection_is_refused()
    {
        uint id = _fixture.Create();
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.SetWriteProtection(id, (WriteProtection)3));
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.SetWriteProtection(uint.MaxValue, WriteProtection.Protected));
        _fixture.Records.IsFailing = true;
        Assert.Equal(NvmeStatus.InternalError, Subsystem.SetWriteProtection(id, WriteProtection.Protected));
        Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[id]!.CheckWrite(default));
    }
}
