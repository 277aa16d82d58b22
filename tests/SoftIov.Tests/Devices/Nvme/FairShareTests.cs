using System.Diagnostics;
using SoftIov.Datapath;
using SoftIov.Devices.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Datapath;
using Xunit;
using SubmissionQueue = SoftIov.Lab.Nvme.SubmissionQueue;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Controllers of one subsystem share its store, and what a poller does in one visit has an end.</summary>
public sealed class FairShareTests
{
    private const int LargeBlocks = 128;
    private const int LargeBytes = LargeBlocks * 512;

    [Fact]
    public void Whoever_is_alone_at_a_store_has_all_of_it()
    {
        var store = new ControlledStore(16 * ControllerRig.Mebi) { IsAutomatic = true };
        using var rig = ControllerRig.Enabled(store);
        SubmissionQueue queue = Flood(rig, rig.AddNamespace());
        store.IsAutomatic = false;
        Visit(rig, queue, seconds: 1);
        Assert.Equal(128, store.Waiting.Length);
    }

    [Fact]
    public void Two_at_a_store_have_half_of_it_each()
    {
        var store = new ControlledStore(16 * ControllerRig.Mebi) { IsAutomatic = true };
        using var hog = ControllerRig.Enabled(store);
        using var polite = Neighbour(hog);
        uint mine = hog.AddNamespace();
        NamespaceClient disk = polite.AddDisk(mebibytes: 1);
        SubmissionQueue queue = Flood(hog, mine);
        store.IsAutomatic = false;
        Visit(hog, queue, seconds: 1);
        Assert.True(disk.Queue.TrySubmit(NvmCommand.Flush(disk.NamespaceId), out _));
        disk.Queue.Ring();
        polite.PollAt(Stopwatch.Frequency);
        Assert.Contains(store.Waiting, request => request.Operation == BlockOperation.Flush);

        // Time goes on a little: the hog sees that it is not alone, and takes no more until it is below its half.
        store.Answer(100);
        Visit(hog, queue, seconds: 1.01);
        Assert.InRange(Hogged(store), 1, (StoreShare.TotalBytes / 2) + LargeBytes);
        store.Answer(10);
        Visit(hog, queue, seconds: 1.015);
        Assert.InRange(Hogged(store), StoreShare.TotalBytes / 4, (StoreShare.TotalBytes / 2) + LargeBytes);

        // Alone again.
        store.Answer();
        Visit(hog, queue, seconds: 1.1);
        Assert.Equal(128, store.Waiting.Length);
    }

    [Fact]
    public void A_visit_ends_although_queues_are_full_and_the_next_goes_on_with_the_others()
    {
        using var rig = ControllerRig.Enabled();
        uint id = rig.AddNamespace();
        SubmissionQueue[] queues = [.. Enumerable.Range(1, 8).Select(number => rig.Driver.CreateQueuePair(number, 64))];
        foreach (SubmissionQueue queue in queues)
            Fill(rig, queue, id);
        for (int visit = 0; visit < 8; visit++)
            Assert.Equal(8, rig.Poll());

        // Half a megabyte a visit: nobody was served twice before all were served once.
        Assert.All(queues, queue => Assert.Equal(8, queue.Completions.Poll()));
    }

    [Fact]
    public void Many_queues_of_small_commands_take_turns_too()
    {
        using var rig = ControllerRig.Enabled();
        uint id = rig.AddNamespace();
        SubmissionQueue[] queues = [.. Enumerable.Range(1, 8).Select(number => rig.Driver.CreateQueuePair(number, 64))];
        foreach (SubmissionQueue queue in queues)
        {
            while (queue.TrySubmit(NvmCommand.Flush(id), out _))
            {
            }

            queue.Ring();
        }

        rig.Context.Budget = 32;
        for (int visit = 0; visit < 8; visit++)
            Assert.Equal(32, rig.Poll());
        Assert.All(queues, queue => Assert.Equal(32, queue.Completions.Poll()));
    }

    [Fact]
    public void A_visit_takes_no_more_commands_than_the_poller_has_time_for()
    {
        using var rig = ControllerRig.Enabled();
        uint id = rig.AddNamespace();
        SubmissionQueue[] queues = [.. Enumerable.Range(1, 3).Select(number => rig.Driver.CreateQueuePair(number, 16))];
        foreach (SubmissionQueue queue in queues)
        {
            while (queue.TrySubmit(NvmCommand.Flush(id), out _))
            {
            }

            queue.Ring();
        }

        rig.Context.Budget = 5;
        for (int left = 45; left > 0; left -= 5)
            Assert.Equal(5, rig.Poll());
        Assert.Equal(0, rig.Poll());
        Assert.All(queues, queue => Assert.Equal(15, queue.Completions.Poll()));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 2)]
    [InlineData(32, 16)]
    public void Admin_commands_leave_room_for_the_others(int budget, int admin)
    {
        using var rig = ControllerRig.Enabled();
        uint id = rig.AddNamespace();
        SubmissionQueue queue = rig.Driver.CreateQueuePair(1, 64);
        while (rig.Driver.Admin.Queue.TrySubmit(AdminCommand.KeepAlive(), out _))
        {
        }

        rig.Driver.Admin.Queue.Ring();
        while (queue.TrySubmit(NvmCommand.Flush(id), out _))
        {
        }

        queue.Ring();
        rig.Context.Budget = budget;
        rig.Poll();
        Assert.Equal(admin, rig.Driver.Admin.Queue.Completions.Poll());
        Assert.Equal(Math.Max(1, budget - admin), queue.Completions.Poll());
    }

    [Fact]
    public void A_visit_takes_no_more_answers_of_the_store_than_the_poller_has_time_for()
    {
        var store = new ControlledStore(16 * ControllerRig.Mebi) { IsAutomatic = true };
        using var rig = ControllerRig.Enabled(store);
        NamespaceClient disk = rig.AddDisk(queueSize: 64);
        store.IsAutomatic = false;
        for (int i = 0; i < 10; i++)
            Assert.True(disk.Queue.TrySubmit(NvmCommand.Flush(disk.NamespaceId), out _));
        disk.Queue.Ring();
        Assert.Equal(10, rig.Poll());
        Assert.Equal(10, store.Answer());
        rig.Context.Budget = 3;
        foreach (int count in (int[])[3, 3, 3, 1, 0])
        {
            Assert.Equal(count, rig.Poll());
            Assert.Equal(count, disk.Queue.Completions.Poll());
        }
    }

    private static ControllerRig Neighbour(ControllerRig of)
    {
        of.Subsystem.Secondaries.VfsEnabled(1);
        var rig = new ControllerRig(of.Store, vf: 0, subsystem: of.Subsystem);
        rig.Driver.Enable();
        return rig;
    }

    /// <summary>A queue full of large writes.</summary>
    private static SubmissionQueue Flood(ControllerRig rig, uint id)
    {
        SubmissionQueue queue = rig.Driver.CreateQueuePair(1, 512);
        Fill(rig, queue, id);
        return queue;
    }

    private static void Fill(ControllerRig rig, SubmissionQueue queue, uint id)
    {
        ulong data = rig.Memory.Allocate(LargeBytes, 4096);
        while (queue.TryAllocate(out ushort command))
        {
            DataPointer pointer = queue.ListOf(command).Describe(data, LargeBytes);
            queue.Submit(command, NvmCommand.Write(id, 0, LargeBlocks).At(pointer));
            if (queue.Room == 0)
                break;
        }

        queue.Ring();
    }

    /// <summary>So many visits that more would change nothing.</summary>
    private static void Visit(ControllerRig rig, SubmissionQueue queue, double seconds)
    {
        for (int i = 0; i < 100; i++)
            rig.PollAt((long)(seconds * Stopwatch.Frequency));
        queue.Completions.Poll();
    }

    private static long Hogged(ControlledStore store) => store.Waiting.Where(each => each.Operation == BlockOperation.Write).Sum(each => each.Length);
}
