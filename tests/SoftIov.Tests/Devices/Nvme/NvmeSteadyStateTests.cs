using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>The path of I/O commands allocates nothing once it has run for a while.</summary>
public sealed class NvmeSteadyStateTests
{
    [Fact]
    public void Reads_and_writes_allocate_nothing()
    {
        using var rig = ControllerRig.Enabled(options: new NvmeOptions { Interrupts = false });
        NamespaceClient disk = rig.AddDisk();
        var list = new PrpList(rig.Memory, 1, 4096);
        DataPointer data = list.Describe(rig.Memory.Allocate(65536, 4096), 65536);
        SubmissionEntry read = NvmCommand.Read(disk.NamespaceId, 0, 128).At(data);
        SubmissionEntry write = NvmCommand.Write(disk.NamespaceId, 128, 128).At(data);
        Run(rig, disk, read, write, 2000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(rig, disk, read, write, 2000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_ceiling_bounds_how_many_commands_start()
    {
        using var rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        rig.Function.Limits.CommandsPerSecond = 1000;
        long second = System.Diagnostics.Stopwatch.Frequency;
        int done = 0;
        for (int step = 0; step < 1000; step++)
        {
            while (disk.Queue.TrySubmit(NvmCommand.Flush(disk.NamespaceId), out _))
            {
            }

            disk.Queue.Ring();
            rig.PollAt(second + (step * second / 1000));
            done += disk.Queue.Completions.Poll();
            while (disk.Queue.TryTake(out _))
            {
            }
        }

        Assert.InRange(done, 950, 1050);
    }

    private static void Run(ControllerRig rig, NamespaceClient disk, in SubmissionEntry read, in SubmissionEntry write, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            disk.Queue.TrySubmit(read, out _);
            disk.Queue.TrySubmit(write, out _);
            disk.Queue.Ring();
            rig.Poll();
            disk.Queue.Completions.Poll();
            while (disk.Queue.TryTake(out CompletionEntry done))
                done.Check("command");
        }
    }
}
