using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;
using Xunit;
using IoQueue = SoftIov.Lab.Nvme.SubmissionQueue;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// A driver that writes nonsense, mostly valid: every command gets an answer or is parked, nothing is thrown, nothing is fatal, and the
/// neighbour on the same store does not notice.
/// </summary>
public sealed class HostileDriverTests
{
    private const int Commands = 30_000;

    private static readonly byte[] AdminOpcodes =
        [0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x14, 0x15, 0x18, 0x1c, 0x7c, 0x80, 0x81, 0xc0, 0xff];

    private static readonly byte[] IoOpcodes = [0x00, 0x01, 0x02, 0x04, 0x05, 0x08, 0x09, 0x0c, 0x0d, 0x0e, 0x11, 0x15, 0x19, 0x40, 0xff];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void N080_Random_commands_are_answered_and_hurt_nobody(int seed)
    {
        using var rig = ControllerRig.Enabled();
        using var neighbour = new ControllerRig(rig.Store, vf: 0, subsystem: WithVf(rig));
        neighbour.Driver.Enable();
        NamespaceClient disk = neighbour.AddDisk();
        byte[] pattern = new byte[64 * 1024];
        new Random(seed).NextBytes(pattern);
        disk.Write(0, pattern).Check("write");

        uint id = rig.AddNamespace();
        ulong data = rig.Memory.Allocate(1 << 20, 4096);
        var random = new Random(seed);
        IoQueue io = rig.Driver.CreateQueuePair(1, 64);
        IoQueue[] queues = [rig.Driver.Admin.Queue, io];
        for (int i = 0; i < Commands; i++)
        {
            IoQueue queue = queues[random.Next(2)];
            byte[] entry = MakeEntry(random, queue == io ? IoOpcodes : AdminOpcodes, id, data);
            queue.SubmitRaw(entry);
            queue.Ring();
            rig.Poll();
            queue.Completions.Poll();
            if (i % 512 == 511)
                Restart(rig, ref queues, ref io);
        }

        Assert.Equal(0, rig.Function.Counters.FatalErrors);
        Restart(rig, ref queues, ref io);
        rig.Driver.Admin.IdentifyController();
        byte[] read = new byte[pattern.Length];
        disk.Read(0, read).Check("read");
        Assert.Equal(pattern, read);
    }

    [Fact]
    public void N082_A_list_that_changes_while_it_is_used_moves_nothing_beyond_its_command()
    {
        using var rig = ControllerRig.Enabled();
        NamespaceClient disk = rig.AddDisk();
        var random = new Random(5);
        ulong data = rig.Memory.Allocate(1 << 20, 4096);
        ulong list = rig.Memory.Allocate(4096, 4096);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(rig.Memory.Span(list, 4096));
        for (int i = 0; i < 5000; i++)
        {
            for (int word = 0; word < 64; word++)
                words[word] = random.Next(8) == 0 ? (ulong)random.NextInt64() : data + ((ulong)random.Next(256) << 12);
            SubmissionEntry read = NvmCommand.Read(disk.NamespaceId, 0, 256) with { Prp1 = data, Prp2 = list + (ulong)(random.Next(4) * 8) };
            CompletionEntry done = disk.Execute(read);
            Assert.True(done.Status.IsSuccess || done.Status.Is(0, 0x04) || done.Status.Is(0, 0x13), $"{done.Status}");
        }

        disk.Flush().Check("flush");
    }

    private static SoftIov.Devices.Nvme.NvmeSubsystem WithVf(ControllerRig rig)
    {
        rig.Subsystem.Secondaries.VfsEnabled(1);
        return rig.Subsystem;
    }

    /// <summary>Half of the fields are what a driver would write.</summary>
    private static byte[] MakeEntry(Random random, byte[] opcodes, uint id, ulong data)
    {
        byte[] entry = new byte[64];
        random.NextBytes(entry.AsSpan(40));
        entry[0] = opcodes[random.Next(opcodes.Length)];
        entry[1] = random.Next(16) == 0 ? (byte)random.Next(256) : (byte)0;
        MemoryMarshal.Write(entry.AsSpan(2), (ushort)random.Next(65536));
        MemoryMarshal.Write(entry.AsSpan(4), random.Next(4) == 0 ? (uint)random.Next() : id);
        MemoryMarshal.Write(entry.AsSpan(24), Address(random, data));
        MemoryMarshal.Write(entry.AsSpan(32), Address(random, data));
        for (int dword = 40; dword < 64; dword += 4)
        {
            if (random.Next(2) == 0)
                MemoryMarshal.Write(entry.AsSpan(dword), (uint)random.Next(32));
        }

        return entry;
    }

    private static ulong Address(Random random, ulong data) => random.Next(8) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => data + (ulong)random.Next(4096),
        2 => ulong.MaxValue - (ulong)random.Next(8192),
        _ => data + ((ulong)random.Next(200) << 12),
    };

    /// <summary>What was parked, deleted or switched on is gone; the queues are as new.</summary>
    private static void Restart(ControllerRig rig, ref IoQueue[] queues, ref IoQueue io)
    {
        rig.Driver.Disable();
        rig.Driver.Enable();
        rig.Driver.RestoreQueuePairs();
        queues = [rig.Driver.Admin.Queue, io];
    }
}
