using System.Buffers.Binary;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Sanitize: everything is erased, nothing goes on meanwhile, and a failure is not forgotten.</summary>
public sealed class SanitizeTests
{
    private const uint Exit = 1;
    private const uint BlockErase = 2;
    private const uint CryptoErase = 4;
    private const uint Unrestricted = 8;

    private readonly SubsystemFixture _fixture = new();

    private NvmeSubsystem Subsystem => _fixture.Subsystem;

    [Theory]
    [InlineData(BlockErase)]
    [InlineData(CryptoErase)]
    public async Task All_that_the_store_holds_is_erased_while_everything_else_is_refused(uint action)
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        _fixture.Store.Bytes.AsSpan().Fill(0xA5);
        using var hold = new ManualResetEventSlim();
        _fixture.Store.Deallocating = hold.Wait;
        Namespace space = Subsystem.Attached(SubsystemFixture.Vf0)[id]!;
        Assert.Equal((0xFFFF, 0, 0u), Log());

        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(action));
        Assert.Equal((0, 2, action), Log());
        Assert.Equal(NvmeStatus.SanitizeInProgress, space.CheckRead(default));
        Assert.Equal(NvmeStatus.SanitizeInProgress, space.CheckWrite(default));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Sanitize(action));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Create(1, 0, false, out _));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Delete(id));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Delete(uint.MaxValue));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Attach(id, [SubsystemFixture.Vf1]));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Detach(id, [SubsystemFixture.Vf0]));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.Format([id], 0));
        Assert.Equal(NvmeStatus.SanitizeInProgress, Subsystem.SetWriteProtection(id, WriteProtection.Protected));

        hold.Set();
        await Subsystem.Sanitizing;
        Assert.Equal((0xFFFF, 0x101, action), Log());
        Assert.Equal(NvmeStatus.Success, space.CheckWrite(default));
        Assert.False(_fixture.Store.Bytes.AsSpan().ContainsAnyExcept((byte)0));
        Assert.All(_fixture.Controllers.Values, each => Assert.Equal(["sanitized"], each.Take()));
        Assert.Equal((0xFFFF, 1, action), Log(_fixture.Restart().Subsystem));
    }

    [Fact]
    public async Task It_waits_for_what_is_in_flight()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        _fixture.Fill(id, 0xA5);
        Namespace space = Subsystem.Attached(SubsystemFixture.Vf0)[id]!;
        Assert.True(space.TryEnter(out _));

        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(BlockErase));
        Assert.NotSame(Subsystem.Sanitizing, await Task.WhenAny(Subsystem.Sanitizing, Task.Delay(50)));
        Assert.False(_fixture.IsZero(id));
        space.Leave(0);
        await Subsystem.Sanitizing;
        Assert.True(_fixture.IsZero(id));
    }

    [Fact]
    public async Task Nothing_counts_as_written_until_a_write_is_let_in_to_any_namespace()
    {
        uint first = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        uint second = _fixture.CreateAttached(1, SubsystemFixture.Vf1);
        Assert.Equal(0, Log().Status);
        for (int turn = 0; turn < 2; turn++)
        {
            Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(BlockErase));
            await Subsystem.Sanitizing;
            Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[first]!.CheckRead(default));
            Assert.Equal(NvmeStatus.Success, Subsystem.SetWriteProtection(first, WriteProtection.Protected));
            Assert.Equal(NvmeStatus.NamespaceWriteProtected, Subsystem.Allocated[first]!.CheckWrite(default));
            Assert.Equal(NvmeStatus.Success, Subsystem.SetWriteProtection(first, WriteProtection.None));
            Assert.Equal(NvmeStatus.Success, Subsystem.Format([second], 0));
            Assert.Equal(0x101, Log().Status);

            Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[second]!.CheckWrite(default));
            Assert.Equal(1, Log().Status);
            Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[second]!.CheckWrite(default));
            Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[first]!.CheckWrite(default));
            Assert.Equal(1, Log().Status);
        }

        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(BlockErase));
        await Subsystem.Sanitizing;
        uint later = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        Assert.Equal(0x101, Log().Status);
        Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[later]!.CheckWrite(default));
        Assert.Equal(1, Log().Status);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(3u)]
    [InlineData(5u)]
    [InlineData(7u)]
    [InlineData(BlockErase | 0x200)]
    public void What_is_not_supported_is_an_invalid_field(uint dword10) =>
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Sanitize(dword10));

    [Fact]
    public void One_that_cannot_be_saved_does_not_start()
    {
        uint id = _fixture.Create();
        _fixture.Fill(id, 0xA5);
        _fixture.Records.IsFailing = true;
        Assert.Equal(NvmeStatus.InternalError, Subsystem.Sanitize(BlockErase));
        Assert.False(_fixture.IsZero(id));
        Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[id]!.CheckRead(default));
    }

    [Fact]
    public async Task A_failure_in_restricted_mode_ends_with_success_only()
    {
        uint id = _fixture.Create();
        await Fail(BlockErase);

        Assert.Equal((0xFFFF, 3, BlockErase), Log());
        Assert.Equal(NvmeStatus.SanitizeFailed, Subsystem.Allocated[id]!.CheckRead(default));
        Assert.Equal(NvmeStatus.SanitizeFailed, Subsystem.Delete(id));
        Assert.Equal(NvmeStatus.SanitizeFailed, Subsystem.Sanitize(Exit));
        Assert.Equal(NvmeStatus.SanitizeFailed, Subsystem.Sanitize(BlockErase | Unrestricted));
        Assert.Equal(NvmeStatus.SanitizeFailed, _fixture.Restart().Subsystem.Allocated[id]!.CheckRead(default));

        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(BlockErase));
        await Subsystem.Sanitizing;
        Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[id]!.CheckRead(default));
    }

    [Fact]
    public async Task A_failure_in_unrestricted_mode_can_be_left()
    {
        uint id = _fixture.Create();
        await Fail(BlockErase | Unrestricted);
        Assert.Equal(NvmeStatus.SanitizeFailed, Subsystem.Allocated[id]!.CheckRead(default));

        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(Exit));

        Assert.Equal(NvmeStatus.Success, Subsystem.Allocated[id]!.CheckRead(default));
        Assert.Equal((0xFFFF, 3, BlockErase | Unrestricted), Log());
        Assert.Equal(NvmeStatus.Success, Subsystem.Delete(id));
    }

    [Fact]
    public async Task A_restart_sanitizes_again_what_was_interrupted()
    {
        uint id = _fixture.Create();
        using var started = new ManualResetEventSlim();
        using var hold = new ManualResetEventSlim();
        _fixture.Store.Deallocating = () =>
        {
            started.Set();
            hold.Wait();
        };
        Subsystem.Sanitize(BlockErase);
        started.Wait();
        SubsystemRecord interrupted = _fixture.Records.Saved;
        hold.Set();
        await Subsystem.Sanitizing;
        _fixture.Store.Deallocating = null;
        _fixture.Store.Bytes.AsSpan().Fill(0xA5);
        _fixture.Records.Saved = interrupted;

        SubsystemFixture again = _fixture.Restart();
        await again.Subsystem.Sanitizing;

        Assert.False(again.Store.Bytes.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(NvmeStatus.Success, again.Subsystem.Allocated[id]!.CheckRead(default));
        Assert.Equal(SanitizeState.Completed, again.Records.Saved.Sanitize.State);
    }

    [Fact]
    public void Disposal_waits_for_the_step_under_way()
    {
        using var hold = new ManualResetEventSlim();
        _fixture.Store.Deallocating = hold.Wait;
        Subsystem.Sanitize(BlockErase);
        hold.Set();
        Subsystem.Dispose();
        Assert.True(Subsystem.Sanitizing.IsCompleted);
    }

    [Fact]
    public async Task An_end_that_cannot_be_saved_is_a_failure()
    {
        uint id = _fixture.Create();
        _fixture.Records.AfterSave = () => _fixture.Records.IsFailing = true;
        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(BlockErase));
        await Subsystem.Sanitizing;
        Assert.Equal(NvmeStatus.SanitizeFailed, Subsystem.Allocated[id]!.CheckWrite(default));
        Assert.Equal(SanitizeState.InProgress, _fixture.Records.Saved.Sanitize.State);
    }

    private async Task Fail(uint dword10)
    {
        _fixture.Store.IsFailing = true;
        Assert.Equal(NvmeStatus.Success, Subsystem.Sanitize(dword10));
        await Subsystem.Sanitizing;
        _fixture.Store.IsFailing = false;
    }

    private (int Progress, int Status, uint Command) Log() => Log(Subsystem);

    private static (int Progress, int Status, uint Command) Log(NvmeSubsystem subsystem)
    {
        var data = new byte[NvmeSubsystem.SanitizeLogLength];
        data.AsSpan().Fill(0xA5);
        subsystem.FillSanitizeLog(data);
        Assert.Equal(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(28)));
        Assert.False(data.AsSpan(32).ContainsAnyExcept((byte)0));
        return (BinaryPrimitives.ReadUInt16LittleEndian(data), BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(2)),
            BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(4)));
    }
}
