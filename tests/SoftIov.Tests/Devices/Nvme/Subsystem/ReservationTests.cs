using System.Buffers.Binary;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Reservations between hosts behind VFs: who may do what, who hears of what, and what survives.</summary>
public sealed class ReservationTests
{
    private const uint Preempt = 1;
    private const uint PreemptAndAbort = 2;
    private const uint IgnoreKey = 8;
    private const uint Persist = 3u << 30;

    private static readonly HostId A = new(0xA, false);
    private static readonly HostId B = new(0xB, false);
    private static readonly HostId C = new(0xC, false);
    private static readonly HostId Stranger = new(0xD, false);
    private static readonly ushort VfC = ControllerId.OfVf(2);

    private readonly SubsystemFixture _fixture = new();
    private readonly uint _id;

    public ReservationTests()
    {
        _id = _fixture.CreateAttached(1, SubsystemFixture.Vf0, SubsystemFixture.Vf1, VfC);
        _fixture.Subsystem.SetHost(SubsystemFixture.Vf0, A);
        _fixture.Subsystem.SetHost(SubsystemFixture.Vf1, B);
        _fixture.Subsystem.SetHost(VfC, C);
    }

    private Namespace Space => _fixture.Subsystem.Allocated[_id]!;

    private Reservations Reservations => Space.Reservations;

    [Theory]
    [InlineData(ReservationType.WriteExclusive, "RW", "R-", "R-")]
    [InlineData(ReservationType.ExclusiveAccess, "RW", "--", "--")]
    [InlineData(ReservationType.WriteExclusiveRegistrantsOnly, "RW", "RW", "R-")]
    [InlineData(ReservationType.ExclusiveAccessRegistrantsOnly, "RW", "RW", "--")]
    [InlineData(ReservationType.WriteExclusiveAllRegistrants, "RW", "RW", "R-")]
    [InlineData(ReservationType.ExclusiveAccessAllRegistrants, "RW", "RW", "--")]
    public void N071_Each_type_lets_holder_registrants_and_others_do_what_it_says(
        ReservationType type, string holder, string registrant, string other)
    {
        Register(A, 1);
        Register(B, 2);
        Assert.Equal(("RW", "RW", "RW"), (Access(A), Access(B), Access(Stranger)));

        Assert.Equal(NvmeStatus.Success, Acquire(A, 1, type));
        Assert.Equal((holder, registrant, other, other), (Access(A), Access(B), Access(Stranger), Access(default)));

        Assert.Equal(NvmeStatus.Success, Release(A, 1, type));
        Assert.Equal(("RW", "RW", "RW"), (Access(A), Access(B), Access(Stranger)));
    }

    [Fact]
    public void One_host_behind_two_controllers_is_one_registrant()
    {
        _fixture.Subsystem.SetHost(SubsystemFixture.Vf1, A);
        Register(A, 1);
        Acquire(A, 1, ReservationType.ExclusiveAccess);

        byte[] report = Report(A);
        Assert.Equal(2, report[5]);
        Assert.Equal([2, 0, 1], report[24..27]);
        Assert.Equal([3, 0, 1], report[48..51]);
    }

    [Fact]
    public void A_host_without_an_identifier_reserves_nothing()
    {
        Assert.Equal(NvmeStatus.CommandSequenceError, Reservations.Register(default, 0, Keys(0, 1)));
        Assert.Equal(NvmeStatus.CommandSequenceError, Reservations.Acquire(default, 0x100, Keys(0, 0)));
        Assert.Equal(NvmeStatus.CommandSequenceError, Reservations.Release(default, 0x100, Keys(0, 0)));
    }

    [Fact]
    public void Malformed_commands_are_invalid_fields()
    {
        Register(A, 1);
        Assert.Equal(NvmeStatus.InvalidField, Reservations.Register(A, 3, Keys(1, 2)));
        Assert.Equal(NvmeStatus.InvalidField, Reservations.Register(A, 1u << 30, Keys(1, 2)));
        Assert.Equal(NvmeStatus.InvalidField, Reservations.Register(B, 0, Keys(0, 0)));
        Assert.Equal(NvmeStatus.InvalidField, Reservations.Register(A, 2, Keys(1, 0)));
        Assert.Equal(NvmeStatus.InvalidField, Reservations.Register(A, 0, Keys(1, 2).AsSpan(0, 15)));
        foreach (uint dword in (uint[])[0x000, 0x700, 0x103, 0x108])
            Assert.Equal(NvmeStatus.InvalidField, Reservations.Acquire(A, dword, Keys(1, 0)));
        foreach (uint dword in (uint[])[0x102, 0x108])
            Assert.Equal(NvmeStatus.InvalidField, Reservations.Release(A, dword, Keys(1, 0)));
        Acquire(A, 1, ReservationType.WriteExclusive);
        Assert.Equal(NvmeStatus.InvalidField, Release(A, 1, ReservationType.ExclusiveAccess));
        Assert.Equal(NvmeStatus.InvalidField, Acquire(A, 1, ReservationType.WriteExclusive, Preempt, 0));
    }

    [Fact]
    public void Registrations_are_kept_replaced_and_ended_by_their_key()
    {
        Register(A, 1);
        Register(A, 1);
        Assert.Equal(NvmeStatus.ReservationConflict, Reservations.Register(A, 0, Keys(0, 2)));
        Assert.Equal(NvmeStatus.ReservationConflict, Reservations.Register(A, 2, Keys(9, 2)));
        Assert.Equal(NvmeStatus.ReservationConflict, Reservations.Register(B, 2, Keys(0, 2)));
        Assert.Equal(NvmeStatus.Success, Reservations.Register(A, 2, Keys(1, 2)));
        Assert.Equal(NvmeStatus.Success, Reservations.Register(A, 2 | IgnoreKey, Keys(0, 3)));
        Assert.Equal(NvmeStatus.Success, Reservations.Register(B, 2 | IgnoreKey, Keys(0, 4)));
        Assert.Equal([new Registrant(0xA, 3), new Registrant(0xB, 4)], Reservations.State.Registrants.ToArray());
        Assert.Equal(NvmeStatus.ReservationConflict, Reservations.Register(A, 1, Keys(9, 0)));
        Assert.Equal(NvmeStatus.ReservationConflict, Reservations.Register(C, 1 | IgnoreKey, Keys(0, 0)));
        Assert.Equal(NvmeStatus.Success, Reservations.Register(A, 1, Keys(3, 0)));
        Assert.Equal(NvmeStatus.Success, Reservations.Register(B, 1 | IgnoreKey, Keys(0, 0)));
        Assert.Empty(Reservations.State.Registrants);
    }

    [Fact]
    public void Acquiring_and_releasing_need_the_registrants_key()
    {
        Register(A, 1);
        Register(B, 2);
        Assert.Equal(NvmeStatus.ReservationConflict, Acquire(A, 9, ReservationType.WriteExclusive));
        Assert.Equal(NvmeStatus.ReservationConflict, Acquire(C, 0, ReservationType.WriteExclusive));
        Assert.Equal(NvmeStatus.Success, Acquire(A, 1, ReservationType.WriteExclusive));
        Assert.Equal(NvmeStatus.Success, Acquire(A, 1, ReservationType.WriteExclusive));
        Assert.Equal(NvmeStatus.ReservationConflict, Acquire(A, 1, ReservationType.ExclusiveAccess));
        Assert.Equal(NvmeStatus.ReservationConflict, Acquire(B, 2, ReservationType.WriteExclusive));
        Assert.Equal(NvmeStatus.ReservationConflict, Release(A, 9, ReservationType.WriteExclusive));
        Assert.Equal(NvmeStatus.Success, Release(B, 2, ReservationType.WriteExclusive));
        Assert.Equal(ReservationType.WriteExclusive, Reservations.State.Type);
    }

    [Theory]
    [InlineData(ReservationType.WriteExclusive, false)]
    [InlineData(ReservationType.ExclusiveAccessRegistrantsOnly, true)]
    public void A_holder_that_unregisters_releases(ReservationType type, bool isTold)
    {
        Register(A, 1);
        Register(B, 2);
        Acquire(A, 1, type);

        Assert.Equal(NvmeStatus.Success, Reservations.Register(A, 1, Keys(1, 0)));

        Assert.Equal(ReservationType.None, Reservations.State.Type);
        Assert.Equal(isTold ? [$"ReservationReleased {_id}"] : [], _fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Empty(_fixture.Controllers[VfC].Take());
    }

    [Fact]
    public void What_all_registrants_hold_goes_with_the_last_of_them()
    {
        Register(A, 1);
        Register(B, 2);
        Acquire(A, 1, ReservationType.ExclusiveAccessAllRegistrants);
        Assert.Equal(NvmeStatus.Success, Acquire(B, 2, ReservationType.ExclusiveAccessAllRegistrants));

        Reservations.Register(A, 1, Keys(1, 0));
        Assert.Equal(("--", "RW"), (Access(A), Access(B)));
        Reservations.Register(B, 1, Keys(2, 0));
        Assert.Equal(("RW", "RW"), (Access(A), Access(B)));
    }

    [Fact]
    public void Releasing_tells_other_registrants_when_it_concerns_them()
    {
        Register(A, 1);
        Register(B, 2);
        Acquire(A, 1, ReservationType.WriteExclusive);
        Release(A, 1, ReservationType.WriteExclusive);
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf1].Take());
        Acquire(A, 1, ReservationType.WriteExclusiveRegistrantsOnly);
        Release(A, 1, ReservationType.WriteExclusiveRegistrantsOnly);
        Assert.Equal([$"ReservationReleased {_id}"], _fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Empty(_fixture.Controllers[VfC].Take());
    }

    [Fact]
    public void Clearing_ends_all_registrations_and_tells_them()
    {
        Register(A, 1);
        Register(B, 2);
        Acquire(B, 2, ReservationType.ExclusiveAccess);

        Assert.Equal(NvmeStatus.Success, Reservations.Release(A, 1, Keys(1, 0)));

        Assert.Empty(Reservations.State.Registrants);
        Assert.Equal("RW", Access(C));
        Assert.Equal([$"ReservationPreempted {_id}"], _fixture.Controllers[SubsystemFixture.Vf1].Take());
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf0].Take());
    }

    [Fact]
    public void Preempting_the_holder_takes_the_reservation()
    {
        Register(A, 1);
        Register(B, 2);
        Register(C, 3);
        Acquire(A, 1, ReservationType.ExclusiveAccess);

        Assert.Equal(NvmeStatus.Success, Acquire(B, 2, ReservationType.WriteExclusive, Preempt, 1));

        Assert.Equal(("R-", "RW", "R-"), (Access(A), Access(B), Access(C)));
        Assert.Equal([new Registrant(0xB, 2), new Registrant(0xC, 3)], Reservations.State.Registrants.ToArray());
        Assert.Equal([$"RegistrationPreempted {_id}"], _fixture.Controllers[SubsystemFixture.Vf0].Take());
        Assert.Equal([$"ReservationReleased {_id}"], _fixture.Controllers[VfC].Take());
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf1].Take());
    }

    [Fact]
    public void Preempting_a_registrant_leaves_the_reservation()
    {
        Register(A, 1);
        Register(B, 2);
        Register(C, 3);
        Acquire(A, 1, ReservationType.WriteExclusiveRegistrantsOnly);

        Assert.Equal(NvmeStatus.ReservationConflict, Acquire(B, 2, ReservationType.WriteExclusive, Preempt, 77));
        Assert.Equal(NvmeStatus.Success, Acquire(B, 2, ReservationType.WriteExclusive, Preempt, 3));

        Assert.Equal((ReservationType.WriteExclusiveRegistrantsOnly, (UInt128)0xA), (Reservations.State.Type, Reservations.State.Holder));
        Assert.Equal("R-", Access(C));
        Assert.Equal([$"RegistrationPreempted {_id}"], _fixture.Controllers[VfC].Take());
        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf0].Take());
    }

    [Fact]
    public void Preempting_oneself_changes_the_type()
    {
        Register(A, 1);
        Acquire(A, 1, ReservationType.WriteExclusive);

        Assert.Equal(NvmeStatus.Success, Acquire(A, 1, ReservationType.ExclusiveAccess, Preempt, 1));

        Assert.Equal(ReservationType.ExclusiveAccess, Reservations.State.Type);
        Assert.Equal("RW", Access(A));
    }

    [Fact]
    public void Preempting_key_0_of_all_registrants_takes_it_from_all()
    {
        Register(A, 1);
        Register(B, 2);
        Register(C, 3);
        Acquire(A, 1, ReservationType.WriteExclusiveAllRegistrants);

        Assert.Equal(NvmeStatus.Success, Acquire(B, 2, ReservationType.ExclusiveAccess, Preempt, 0));

        Assert.Equal(("--", "RW", "--"), (Access(A), Access(B), Access(C)));
        Assert.Equal((UInt128)0xB, Assert.Single(Reservations.State.Registrants).Host);
    }

    [Fact]
    public async Task Preempt_and_abort_waits_for_commands_of_before_and_not_for_later_ones()
    {
        Register(A, 1);
        Register(B, 2);
        Acquire(A, 1, ReservationType.WriteExclusive);
        Assert.True(Space.TryEnter(out int before));
        int after = -1;
        using var isQuiet = new ManualResetEventSlim();
        _fixture.Pollers.Waiting = () =>
        {
            // Whoever comes now finds the new reservation; the winner's own commands go on.
            Assert.Equal(("R-", "RW"), (Access(A), Access(B)));
            Assert.True(Space.TryEnter(out after));
            isQuiet.Set();
        };

        Task<NvmeStatus> preempt = Task.Run(() => Acquire(B, 2, ReservationType.WriteExclusive, PreemptAndAbort, 1));

        Assert.True(isQuiet.Wait(TimeSpan.FromSeconds(30)));
        await Task.WhenAny(preempt, Task.Delay(50));
        Assert.False(preempt.IsCompleted);
        Space.Leave(before);
        Assert.Equal(NvmeStatus.Success, await preempt.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, Space.InFlight);
        Space.Leave(after);
    }

    [Fact]
    public void Notices_go_to_controllers_that_have_the_namespace()
    {
        Register(A, 1);
        Register(B, 2);
        _fixture.Subsystem.Detach(_id, [SubsystemFixture.Vf1]);
        _fixture.Controllers[SubsystemFixture.Vf1].Take();

        Assert.Equal(NvmeStatus.Success, Acquire(A, 1, ReservationType.WriteExclusive, Preempt, 2));

        Assert.Empty(_fixture.Controllers[SubsystemFixture.Vf1].Take());
    }

    [Fact]
    public void Reports_have_two_forms()
    {
        Register(A, 0x1111);
        Register(Stranger, 0x2222);
        Acquire(A, 0x1111, ReservationType.WriteExclusive);

        byte[] report = Report(A);
        Assert.Equal([2, 0, 0, 0, 1, 2, 0, 0, 0, 0], report[..10]);
        Assert.Equal([2, 0, 1, 0, 0, 0, 0, 0, 0xA, 0, 0, 0, 0, 0, 0, 0, 0x11, 0x11, 0, 0, 0, 0, 0, 0], report[24..48]);
        Assert.Equal([0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0xD], report[48..57]);
        Assert.Equal(NvmeStatus.HostIdInconsistentFormat, Reservations.Report(A, true, report));
        Assert.Equal(NvmeStatus.HostIdInconsistentFormat, Reservations.Report(A with { IsExtended = true }, false, report));

        Assert.Equal(NvmeStatus.Success, Reservations.Report(A with { IsExtended = true }, true, report));
        Assert.Equal([2, 0, 0, 0, 1, 2, 0, 0, 0, 0], report[..10]);
        Assert.Equal([2, 0, 1, 0, 0, 0, 0, 0, 0x11, 0x11], report[64..74]);
        Assert.Equal([0xA, 0, 0], report[80..83]);
        Assert.Equal(NvmeStatus.Success, Reservations.Report(A with { IsExtended = true }, true, report.AsSpan(0, 10)));
    }

    [Fact]
    public void What_persists_survives_a_restart_and_nothing_else()
    {
        Register(A, 1);
        Acquire(A, 1, ReservationType.WriteExclusive);
        Assert.Equal("RW", Access(_fixture.Restart(), B));

        Assert.Equal(NvmeStatus.Success, Reservations.Register(B, Persist, Keys(0, 2)));
        SubsystemFixture again = _fixture.Restart();
        Assert.Equal("R-", Access(again, B));
        Assert.True(again.Subsystem.Allocated[_id]!.Reservations.State.IsPersistent);

        Assert.Equal(NvmeStatus.Success, Reservations.SetPersistence(false));
        Assert.Equal("RW", Access(_fixture.Restart(), B));
    }

    [Fact]
    public void A_failing_save_changes_nothing()
    {
        Assert.Equal(NvmeStatus.Success, Reservations.Register(A, Persist, Keys(0, 1)));
        _fixture.Records.IsFailing = true;

        Assert.Equal(NvmeStatus.InternalError, Acquire(A, 1, ReservationType.ExclusiveAccess));
        Assert.Equal(NvmeStatus.InternalError, Reservations.Register(B, 0, Keys(0, 2)));
        Assert.Equal("RW", Access(B));
        Assert.Single(Reservations.State.Registrants);
    }

    [Fact]
    public void A_host_of_many_names_does_not_fill_the_memory()
    {
        for (int i = 1; i <= Reservations.MostRegistrants; i++)
            Register(new HostId((UInt128)i, false), 1);
        Assert.Equal(NvmeStatus.InternalError, Reservations.Register(new HostId(9999, false), 0, Keys(0, 1)));
    }

    [Fact]
    public void Checks_allocate_nothing()
    {
        Register(A, 1);
        Acquire(A, 1, ReservationType.WriteExclusiveRegistrantsOnly);
        Access(B);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Space.CheckWrite(B);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void Register(HostId host, ulong key) => Assert.Equal(NvmeStatus.Success, Reservations.Register(host, 0, Keys(0, key)));

    private NvmeStatus Acquire(HostId host, ulong key, ReservationType type, uint action = 0, ulong preempted = 0) =>
        Reservations.Acquire(host, action | ((uint)type << 8), Keys(key, preempted));

    private NvmeStatus Release(HostId host, ulong key, ReservationType type) => Reservations.Release(host, (uint)type << 8, Keys(key, 0));

    private byte[] Report(HostId host)
    {
        var data = new byte[4096];
        Assert.Equal(NvmeStatus.Success, Reservations.Report(host, false, data));
        return data;
    }

    private string Access(HostId host) => Access(_fixture, host);

    private string Access(SubsystemFixture fixture, HostId host)
    {
        Namespace space = fixture.Subsystem.Allocated[_id]!;
        return $"{Letter('R', space.CheckRead(host))}{Letter('W', space.CheckWrite(host))}";
    }

    private static char Letter(char letter, NvmeStatus status)
    {
        Assert.True(status is NvmeStatus.Success or NvmeStatus.ReservationConflict);
        return status == NvmeStatus.Success ? letter : '-';
    }

    private static byte[] Keys(ulong first, ulong second)
    {
        var data = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(data, first);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), second);
        return data;
    }
}
