using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Namespaces come, are attached, detached and go; who sees them, and what every mistake returns.</summary>
public sealed class NamespaceManagementTests
{
    private readonly SubsystemFixture _fixture = new();

    private NvmeSubsystem Subsystem => _fixture.Subsystem;

    [Fact]
    public void A_namespace_is_seen_by_the_controllers_it_is_attached_to_and_no_others()
    {
        uint id = _fixture.CreateAttached(2, ControllerId.Primary, SubsystemFixture.Vf1);

        Assert.Equal(NvmeStatus.Success, Subsystem.Attached(SubsystemFixture.Vf1).Find(id, out Namespace? seen));
        Assert.Equal(2UL * SubsystemFixture.Mebi / 512, seen!.BlockCount);
        Assert.Same(seen, Subsystem.Attached(ControllerId.Primary)[id]);
        Assert.Null(Subsystem.Attached(SubsystemFixture.Vf0)[id]);
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Attached(SubsystemFixture.Vf0).Find(id, out _));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(9u)]
    [InlineData(uint.MaxValue)]
    public void Numbers_no_namespace_can_have_are_invalid_namespaces(uint id)
    {
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Attached(ControllerId.Primary).Find(id, out _));
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Attach(id, [ControllerId.Primary]));
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Detach(id, [ControllerId.Primary]));
    }

    [Fact]
    public void A_namespace_may_be_made_with_a_number_of_choice_that_nobody_has()
    {
        NvmeStatus Create(uint wanted, out uint id) => Subsystem.Create(8, 0, isShared: false, out id, wanted);

        Assert.Equal((NvmeStatus.Success, 5u), (Create(5, out uint chosen), chosen));
        Assert.Equal((NvmeStatus.NamespaceIdUnavailable, 0u), (Create(5, out uint taken), taken));
        Assert.Equal((NvmeStatus.NamespaceIdUnavailable, 0u), (Create(9, out uint beyond), beyond));
        Assert.Equal((NvmeStatus.Success, 1u), (Create(0, out uint lowest), lowest));
    }

    [Fact]
    public void N068_Attaching_and_detaching_tell_the_controllers_concerned()
    {
        uint id = _fixture.Create(isShared: true);
        Assert.Equal(NvmeStatus.Success, Subsystem.Attach(id, [SubsystemFixture.Vf1, SubsystemFixture.Vf0]));
        Assert.Equal([$"namespace {id}"], _fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Equal([$"namespace {id}"], _fixture.Controllers[SubsystemFixture.Vf1].Take());

        Assert.Equal(NvmeStatus.Success, Subsystem.Detach(id, [SubsystemFixture.Vf0]));
        Assert.Equal([$"namespace {id}"], _fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Empty(_fixture.Controllers[ControllerId.Primary].Take());
        Assert.Equal(SubsystemFixture.Vf1, Assert.Single(Subsystem.Record.Find(id)!.Controllers));
    }

    [Fact]
    public void N068_Detach_returns_when_no_poller_can_start_another_command()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        bool wasShown = true;
        _fixture.Pollers.Waiting = () => wasShown = Subsystem.Attached(SubsystemFixture.Vf0)[id] is not null;

        Assert.Equal(NvmeStatus.Success, Subsystem.Detach(id, [SubsystemFixture.Vf0]));

        Assert.Equal(1, _fixture.Pollers.Count);
        Assert.False(wasShown);
    }

    [Fact]
    public void Attachment_refuses_what_the_specification_says()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);

        Assert.Equal(NvmeStatus.NamespaceIsPrivate, Subsystem.Attach(id, [SubsystemFixture.Vf1]));
        Assert.Equal(NvmeStatus.NamespaceAlreadyAttached, Subsystem.Attach(id, [SubsystemFixture.Vf0]));
        Assert.Equal(NvmeStatus.NamespaceNotAttached, Subsystem.Detach(id, [SubsystemFixture.Vf1]));
        Assert.Equal(NvmeStatus.NamespaceNotAttached, Subsystem.Detach(id, [SubsystemFixture.Vf0, SubsystemFixture.Vf1]));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Attach(id + 1, [SubsystemFixture.Vf0]));
        Assert.Equal(NvmeStatus.ControllerListInvalid, Subsystem.Attach(id, []));
        Assert.Equal(NvmeStatus.ControllerListInvalid, Subsystem.Attach(id, [0]));
        Assert.Equal(NvmeStatus.ControllerListInvalid, Subsystem.Attach(id, [6]));
        Assert.Equal(NvmeStatus.ControllerListInvalid, Subsystem.Detach(id, [SubsystemFixture.Vf0, SubsystemFixture.Vf0]));
        Assert.Equal(SubsystemFixture.Vf0, Assert.Single(Subsystem.Record.Find(id)!.Controllers));
    }

    [Fact]
    public void A_private_namespace_is_attached_to_one_controller_at_once()
    {
        uint id = _fixture.Create();

        Assert.Equal(NvmeStatus.NamespaceIsPrivate, Subsystem.Attach(id, [SubsystemFixture.Vf0, SubsystemFixture.Vf1]));
        Assert.Equal(NvmeStatus.Success, Subsystem.Attach(id, [SubsystemFixture.Vf0]));
        Assert.Equal(NvmeStatus.Success, Subsystem.Detach(id, [SubsystemFixture.Vf0]));
        Assert.Equal(NvmeStatus.Success, Subsystem.Attach(id, [SubsystemFixture.Vf1]));
    }

    [Fact]
    public void Creation_refuses_what_the_specification_says()
    {
        Assert.Equal(NvmeStatus.InvalidFormat, Subsystem.Create(8, 2, false, out _));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Create(0, 0, false, out _));
        Assert.Equal(NvmeStatus.NamespaceInsufficientCapacity, Subsystem.Create((16 * 2048) + 1, 0, false, out _));
        Assert.Equal(NvmeStatus.NamespaceInsufficientCapacity, Subsystem.Create(ulong.MaxValue, 1, false, out _));
        for (int i = 0; i < 8; i++)
            _fixture.Create();
        Assert.Equal(NvmeStatus.NamespaceIdUnavailable, Subsystem.Create(1, 0, false, out uint id));
        Assert.Equal(0u, id);
    }

    [Fact]
    public void A_store_of_4096_byte_blocks_has_no_namespace_of_smaller_ones()
    {
        NvmeSubsystem subsystem = new SubsystemFixture(store: new StoreModel { BlockBytes = 4096 }).Subsystem;

        Assert.Equal(NvmeStatus.InvalidFormat, subsystem.Create(8, 0, false, out _));
        Assert.Equal(NvmeStatus.Success, subsystem.Create(8, 1, false, out _));
    }

    [Fact]
    public void All_unallocated_capacity_can_be_one_namespace_however_scattered()
    {
        for (int i = 0; i < 8; i++)
            _fixture.Create(2);
        Assert.Equal(0, Subsystem.UnallocatedCapacity);
        foreach (uint id in (uint[])[2, 4, 5, 8])
            Assert.Equal(NvmeStatus.Success, Subsystem.Delete(id));
        Assert.Equal(8L * SubsystemFixture.Mebi, Subsystem.UnallocatedCapacity);

        uint scattered = _fixture.Create(8);

        Assert.Equal(2u, scattered);
        Assert.Equal(3, Subsystem.Record.Find(scattered)!.Extents.Length);
        Assert.Equal(0, Subsystem.UnallocatedCapacity);
    }

    [Fact]
    public void A_new_namespace_reads_as_zeroes_whatever_the_store_held()
    {
        _fixture.Store.Bytes.AsSpan().Fill(0xA5);

        Assert.True(_fixture.IsZero(_fixture.Create(16)));
        Assert.True(_fixture.Store.Flushes > 0);
    }

    [Fact]
    public async Task A_deleted_namespace_gives_its_space_back_when_nothing_is_in_flight()
    {
        uint id = _fixture.CreateAttached(3, SubsystemFixture.Vf0);
        _fixture.Fill(id, 0xA5);
        Namespace space = Subsystem.Attached(SubsystemFixture.Vf0)[id]!;
        Assert.True(space.TryEnter(out _));

        Task<NvmeStatus> deletion = Task.Run(() => Subsystem.Delete(id));
        Assert.True(SpinWait.SpinUntil(() => _fixture.Pollers.Count == 1, TimeSpan.FromSeconds(30)));
        Assert.Null(Subsystem.Attached(SubsystemFixture.Vf0)[id]);
        Assert.False(space.TryEnter(out _));
        Assert.NotSame(deletion, await Task.WhenAny(deletion, Task.Delay(50)));
        Assert.Equal(0xA5, _fixture.Store.Bytes[0]);

        space.Leave(0);
        Assert.Equal(NvmeStatus.Success, await deletion);
        Assert.Equal(16L * SubsystemFixture.Mebi, Subsystem.UnallocatedCapacity);
        Assert.False(_fixture.Store.Bytes.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal([$"namespace {id}"], _fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Delete(id));
    }

    [Fact]
    public void Deleting_FFFFFFFFh_deletes_all()
    {
        _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        _fixture.CreateAttached(2, SubsystemFixture.Vf0, SubsystemFixture.Vf1);

        Assert.Equal(NvmeStatus.Success, Subsystem.Delete(NvmeSubsystem.AllNamespaces));

        Assert.Empty(Subsystem.Record.Namespaces);
        Assert.Empty(Subsystem.Attached(SubsystemFixture.Vf0).All);
        Assert.Equal(["namespace 1", "namespace 2"], _fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Equal(16L * SubsystemFixture.Mebi, Subsystem.UnallocatedCapacity);
    }

    [Fact]
    public void A_failing_save_refuses_and_changes_nothing()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        SubsystemRecord before = Subsystem.Record;
        _fixture.Records.IsFailing = true;

        Assert.Equal(NvmeStatus.InternalError, Subsystem.Create(1, 0, false, out _));
        Assert.Equal(NvmeStatus.InternalError, Subsystem.Delete(id));
        Assert.Equal(NvmeStatus.InternalError, Subsystem.Detach(id, [SubsystemFixture.Vf0]));

        Assert.Same(before, Subsystem.Record);
        Assert.Equal(15L * SubsystemFixture.Mebi, Subsystem.UnallocatedCapacity);
        Assert.True(Subsystem.Attached(SubsystemFixture.Vf0)[id]!.TryEnter(out _));
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf0].Take());
    }

    [Fact]
    public void A_store_that_does_not_zero_gives_no_namespace()
    {
        _fixture.Store.IsFailing = true;
        Assert.Equal(NvmeStatus.InternalError, Subsystem.Create(1, 0, false, out _));
        Assert.Equal(16L * SubsystemFixture.Mebi, Subsystem.UnallocatedCapacity);
        Assert.Empty(_fixture.Records.Saved.Namespaces);
    }

    [Fact]
    public void A_restart_finds_everything_as_it_was()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0, SubsystemFixture.Vf1);
        Namespace before = Subsystem.Allocated[id]!;

        NvmeSubsystem after = _fixture.Restart().Subsystem;

        Namespace again = after.Attached(SubsystemFixture.Vf1)[id]!;
        Assert.Equal((before.Uuid, before.Nguid, before.Eui64, before.BlockCount), (again.Uuid, again.Nguid, again.Eui64, again.BlockCount));
        Assert.Equal(15L * SubsystemFixture.Mebi, after.UnallocatedCapacity);
    }

    [Fact]
    public void Records_of_two_namespaces_on_one_extent_are_refused()
    {
        uint id = _fixture.Create(2);
        NamespaceRecord record = _fixture.Records.Saved.Find(id)!;
        var shifted = new Extent(SubsystemFixture.Mebi, 2 * SubsystemFixture.Mebi);
        _fixture.Records.Saved = _fixture.Records.Saved.With(record with { Id = id + 1, Extents = [shifted] });

        Assert.Throws<InvalidDataException>(_fixture.Restart);
    }
}
