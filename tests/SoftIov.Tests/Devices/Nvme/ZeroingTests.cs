using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Giving much memory back takes long: it is done piece by piece, and never by surprise.</summary>
public sealed class ZeroingTests : IDisposable
{
    private const int NamespaceMebibytes = 32;
    private const uint Blocks = NamespaceMebibytes * (ControllerRig.Mebi / 512);

    private readonly ControllerRig _rig = ControllerRig.Enabled();
    private readonly NamespaceClient _disk;

    public ZeroingTests()
    {
        _disk = _rig.AddDisk(mebibytes: NamespaceMebibytes);
        byte[] pattern = [.. Enumerable.Repeat((byte)0x77, 4096)];
        for (ulong block = 0; block < Blocks; block += Blocks / 16)
            _disk.Write(block, pattern).Check("write");
        _disk.Write(Blocks - 8, pattern).Check("write");
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_large_deallocation_takes_many_visits_and_others_are_served_between_them()
    {
        ushort large = StartDeallocation();
        Assert.False(_disk.Queue.TryTake(large, out _));
        for (int visits = 1; ; visits++)
        {
            _disk.Flush().Check("flush");
            if (!_disk.Queue.TryTake(large, out CompletionEntry done))
                continue;
            done.Check("deallocate");
            Assert.InRange(visits, 8, 200);
            break;
        }

        Assert.Equal((0, 0), (ByteAt(0), ByteAt(Blocks - 8)));
        Assert.Equal(0, _rig.Subsystem.Allocated[_disk.NamespaceId]!.InFlight);
    }

    [Fact]
    public void After_a_reset_nothing_more_is_zeroed()
    {
        StartDeallocation();
        _rig.Driver.Disable();
        Assert.Equal(0, _rig.Subsystem.Allocated[_disk.NamespaceId]!.InFlight);
        _rig.Driver.Enable();
        var again = new NamespaceClient(_rig.Driver, _rig.Driver.CreateQueuePair(1, 8), _disk.NamespaceId);
        for (int visits = 0; visits < 100; visits++)
            _rig.Poll();
        byte[] read = new byte[4096];
        again.Read(Blocks - 8, read).Check("read");
        Assert.Equal(0x77, read[0]);
    }

    [Fact]
    public void A_queue_that_is_deleted_ends_it()
    {
        ushort large = StartDeallocation();
        _rig.Driver.Admin.Delete(_disk.Queue).Check("delete");
        _disk.Queue.Completions.Poll();
        Assert.True(_disk.Queue.TryTake(large, out CompletionEntry done));
        Assert.True(done.Status.Is(0, 0x08), done.Status.ToString());
        Assert.Equal(0, _rig.Subsystem.Allocated[_disk.NamespaceId]!.InFlight);
    }

    [Fact]
    public void Many_at_once_are_all_done()
    {
        ushort[] all = [.. Enumerable.Range(0, 40).Select(_ => StartDeallocation())];
        var done = new HashSet<ushort>();
        for (int visits = 0; visits < 10_000 && done.Count < all.Length; visits++)
        {
            _rig.Poll();
            _disk.Queue.Completions.Poll();
            done.UnionWith(all.Where(id => !done.Contains(id) && _disk.Queue.TryTake(id, out CompletionEntry entry) && entry.Status.IsSuccess));
        }

        Assert.Equal(all.Length, done.Count);
    }

    private ushort StartDeallocation()
    {
        BlockRange[] ranges = [new BlockRange(0, Blocks, 0)];
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(ranges.AsSpan()).CopyTo(_disk.Data);
        SubmissionEntry entry = NvmCommand.Deallocate(_disk.NamespaceId, 1) with { Prp1 = _disk.DataAddress };
        Assert.True(_disk.Queue.TrySubmit(entry, out ushort id, isHeld: true));
        _disk.Queue.Ring();
        _rig.Poll();
        return id;
    }

    private int ByteAt(uint block)
    {
        byte[] read = new byte[512];
        _disk.Read(block, read).Check("read");
        return read[0];
    }
}
