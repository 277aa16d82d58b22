using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What a store that fails becomes for the host, for every command that asks it for something.</summary>
public sealed class StoreErrorTests : IDisposable
{
    private const int Length = 4096;

    private readonly ControlledStore _store = new(16 << 20) { IsAutomatic = true };
    private readonly ControllerRig _rig;
    private readonly NamespaceClient _disk;

    public StoreErrorTests()
    {
        _rig = ControllerRig.Enabled(_store);
        _disk = _rig.AddDisk();
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("read", BlockOutcome.MediumError, 2, 0x81)]
    [InlineData("compare", BlockOutcome.MediumError, 2, 0x81)]
    [InlineData("verify", BlockOutcome.MediumError, 2, 0x81)]
    [InlineData("copy", BlockOutcome.MediumError, 2, 0x81)] // its read is the first
    [InlineData("write", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("write with FUA", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("flush", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("flush of all", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("write zeroes", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("write zeroes that deallocates", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("deallocate", BlockOutcome.MediumError, 2, 0x80)]
    [InlineData("write", BlockOutcome.NoSpace, 0, 0x81)]
    [InlineData("flush", BlockOutcome.NoSpace, 0, 0x81)]
    [InlineData("write zeroes", BlockOutcome.NoSpace, 0, 0x81)]
    [InlineData("deallocate", BlockOutcome.NoSpace, 0, 0x81)]
    [InlineData("read", BlockOutcome.NotSupported, 0, 0x06)]
    [InlineData("write", BlockOutcome.NotSupported, 0, 0x06)]
    [InlineData("flush", BlockOutcome.NotSupported, 0, 0x06)]
    [InlineData("write zeroes", BlockOutcome.NotSupported, 0, 0x06)]
    [InlineData("deallocate", BlockOutcome.NotSupported, 0, 0x06)]
    public void A_failure_of_the_store_has_its_status_and_may_be_tried_again(string command, BlockOutcome outcome, int type, byte code)
    {
        byte[] before = _store.Content;
        _store.Judge = _ => outcome;
        CompletionEntry done = Execute(command);
        Assert.Equal(NvmeStatus.Of(type, code), done.Status);
        Assert.Equal(before, _store.Content);
        Assert.Equal(outcome == BlockOutcome.MediumError ? 1 : 0, _rig.Function.Counters.MediaErrors);

        byte[] log = new byte[64];
        _rig.Driver.Admin.GetLogPage(0x01, log).Check("error log");
        Assert.Equal(1, BinaryPrimitives.ReadUInt16LittleEndian(log.AsSpan(8)));
        Assert.Equal(done.CommandId, BinaryPrimitives.ReadUInt16LittleEndian(log.AsSpan(10)));
        Assert.Equal(done.Status.Value, BinaryPrimitives.ReadUInt16LittleEndian(log.AsSpan(12)) >> 1);
        byte[] health = new byte[512];
        _rig.Driver.Admin.GetLogPage(0x02, health).Check("health log");
        Assert.Equal(outcome == BlockOutcome.MediumError ? 1UL : 0, BinaryPrimitives.ReadUInt64LittleEndian(health.AsSpan(160)));

        _store.Judge = null;
        Execute(command).Check(command);
    }

    [Fact]
    public void A_read_that_failed_leaves_the_buffer_of_the_host_alone()
    {
        _disk.Data.Fill(0x5A);
        _store.Judge = _ => BlockOutcome.MediumError;
        _disk.Execute(NvmCommand.Read(_disk.NamespaceId, 0, 8) with { Prp1 = _disk.DataAddress });
        Assert.False(_disk.Data[..Length].ContainsAnyExcept((byte)0x5A));
    }

    [Fact]
    public void The_write_of_a_copy_fails_as_a_write()
    {
        _store.Judge = request => request.Operation == BlockOperation.Write ? BlockOutcome.MediumError : BlockOutcome.Done;
        Assert.Equal(NvmeStatus.Of(2, 0x80), Execute("copy").Status);
        _store.Judge = request => request.Operation == BlockOperation.Write ? BlockOutcome.NoSpace : BlockOutcome.Done;
        Assert.Equal(NvmeStatus.Of(0, 0x81), Execute("copy").Status);
    }

    [Fact]
    public void Zeroes_that_cannot_be_made_durable_fail()
    {
        _store.Judge = request => request.Operation == BlockOperation.Flush ? BlockOutcome.MediumError : BlockOutcome.Done;
        SubmissionEntry zeroes = NvmCommand.WriteZeroes(_disk.NamespaceId, 0, 8);
        _disk.Execute(zeroes).Check("cached zeroes");
        SubmissionEntry durable = zeroes with { Dword12 = zeroes.Dword12 | NvmCommand.ForceUnitAccess };
        Assert.Equal(NvmeStatus.Of(2, 0x80), _disk.Execute(durable).Status);
    }

    [Fact]
    public void One_range_of_many_that_fails_fails_the_command_once()
    {
        long bad = _rig.Subsystem.Record.Namespaces[0].Extents[0].Offset + (200 * 512);
        _store.Judge = request => request.Offset == bad ? BlockOutcome.MediumError : BlockOutcome.Done;
        BlockRange[] ranges = [.. Enumerable.Range(0, 256).Select(i => new BlockRange(0, 1, (ulong)i))];
        Assert.Equal(NvmeStatus.Of(2, 0x80), _disk.Deallocate(ranges).Status);
        CopyRange[] sources = [.. Enumerable.Range(180, 40).Select(i => new CopyRange((ulong)i, 1))];
        Assert.Equal(NvmeStatus.Of(2, 0x81), _disk.Copy(1000, sources).Status);
        _disk.Flush().Check("flush");
        Assert.Equal(0, _disk.Queue.Completions.Strays);
    }

    [Fact]
    public void Errors_are_the_commands_own_while_others_go_well()
    {
        _store.Judge = request => request.Offset / 512 % 2 == 1 ? BlockOutcome.MediumError : BlockOutcome.Done;
        var failed = new HashSet<int>();
        var ids = new Dictionary<ushort, int>();
        for (int block = 0; block < 60; block++)
        {
            Assert.True(_disk.Queue.TrySubmit(NvmCommand.Read(_disk.NamespaceId, (ulong)block, 1) with { Prp1 = _disk.DataAddress }, out ushort id));
            ids[id] = block;
        }

        _disk.Queue.Ring();
        for (int i = 0; i < 10; i++)
        {
            _rig.Poll();
            _disk.Queue.Completions.Poll();
        }

        int done = 0;
        for (; _disk.Queue.TryTake(out CompletionEntry entry); done++)
        {
            if (!entry.Status.IsSuccess)
                failed.Add(ids[entry.CommandId]);
        }

        Assert.Equal(60, done);
        Assert.Equal(30, failed.Count);
        Assert.All(failed, block => Assert.Equal(1, block % 2));
    }

    [Fact]
    public void A_shutdown_ends_although_its_flush_fails()
    {
        Execute("write").Check("write");
        _store.Judge = _ => BlockOutcome.MediumError;
        _rig.Driver.Shutdown();
        _store.Judge = null;
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        _rig.Driver.RestoreQueuePairs();
        Execute("flush").Check("flush");
    }

    [Fact]
    public void A_namespace_that_cannot_be_zeroed_is_not_created()
    {
        _store.Judge = _ => BlockOutcome.MediumError;
        Assert.Equal(NvmeStatus.Of(0, 0x06), _rig.Driver.Admin.CreateNamespace(2048).Status);
        _store.Judge = null;
        _rig.Driver.Admin.CreateNamespace(2048).Check("create");
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(ObjectDisposedException))]
    [InlineData(typeof(OutOfMemoryException))]
    public void Whatever_a_store_throws_a_command_of_management_ends_and_is_counted(Type exception)
    {
        _store.Broken = exception == typeof(ObjectDisposedException)
            ? new ObjectDisposedException("store")
            : (Exception)Activator.CreateInstance(exception)!;
        CompletionEntry done = _rig.Driver.Admin.Format(_disk.NamespaceId);
        Assert.Equal(NvmeStatus.Of(0, 0x06), done.Status);

        // The format noticed an error of input or output itself; anything else is counted.
        Assert.Equal(exception == typeof(IOException) ? 0 : 1, _rig.Function.Counters.InternalErrors);
        _store.Broken = null;
        _rig.Driver.Admin.Format(_disk.NamespaceId).Check("format");
    }

    private CompletionEntry Execute(string command)
    {
        byte[] data = new byte[Length];
        return command switch
        {
            "read" => _disk.Read(0, data),
            "compare" => _disk.Compare(0, data),
            "verify" => _disk.Verify(0, 8),
            "copy" => _disk.Copy(100, new CopyRange(0, 8)),
            "write" => _disk.Write(0, data),
            "write with FUA" => _disk.Write(0, data, NvmCommand.ForceUnitAccess),
            "flush" => _disk.Flush(),
            "flush of all" => _disk.Execute(NvmCommand.Flush(uint.MaxValue)),
            "write zeroes" => _disk.WriteZeroes(0, 8),
            "write zeroes that deallocates" => _disk.WriteZeroes(0, 8, deallocates: true),
            "deallocate" => _disk.Deallocate(new BlockRange(0, 8, 0)),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
        };
    }
}
