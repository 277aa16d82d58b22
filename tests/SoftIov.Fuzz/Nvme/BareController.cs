using System.Buffers.Binary;
using System.Diagnostics;
using SoftIov.Lab.Nvme;
using SoftIov.Lab.Pci;
using SoftIov.Pcie;

namespace SoftIov.Fuzz.Nvme;

/// <summary>A controller as its registers and memory alone: whoever drives it decides what is right.</summary>
internal sealed class BareController(IEndpoint endpoint, DriverMemory memory)
{
    /// <summary>CC of a driver that knows what it wants: EN, entries of 64 and 16 bytes.</summary>
    public const uint Enabled = 1 | 6 << 16 | 4 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public DriverMemory Memory => memory;

    public IEndpoint Endpoint => endpoint;

    /// <summary>Makes a controller go on that has no thread of its own.</summary>
    public Action? Advance { get; init; }

    public uint Status => Read32(NvmeRegister.Status);

    public bool IsReady => (Status & 1) != 0;

    public bool IsFatal => (Status & 2) != 0;

    public uint Read32(int offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        endpoint.ReadBar(0, (ulong)offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public void Write32(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        endpoint.WriteBar(0, (ulong)offset, bytes);
    }

    /// <summary>As two dwords, low first, as most drivers do.</summary>
    public void Write64(int offset, ulong value)
    {
        Write32(offset, (uint)value);
        Write32(offset + 4, (uint)(value >> 32));
    }

    /// <summary>Memory and bus mastering on or off.</summary>
    public void Command(bool isMaster) => endpoint.WriteConfig(4, [(byte)(isMaster ? 6 : 2), 0]);

    /// <summary>Tells the controller its admin queues.</summary>
    public void SetAdminQueues(BarePair admin)
    {
        Write32(NvmeRegister.AdminQueueAttributes, (uint)(admin.SubmissionSize - 1) | (uint)(admin.CompletionSize - 1) << 16);
        Write64(NvmeRegister.AdminSubmissionQueue, admin.Submissions);
        Write64(NvmeRegister.AdminCompletionQueue, admin.Completions);
    }

    /// <summary>Enables it with these admin queues; false when that fails.</summary>
    public bool Enable(BarePair admin, uint configuration = Enabled)
    {
        admin.Reset();
        SetAdminQueues(admin);
        Write32(NvmeRegister.Configuration, configuration);
        return WaitFor(() => IsReady || IsFatal) && IsReady;
    }

    /// <summary>Clears CC; false when RDY does not follow.</summary>
    public bool Disable()
    {
        Write32(NvmeRegister.Configuration, 0);
        return WaitFor(() => !IsReady);
    }

    /// <summary>Creates an I/O queue pair; false when that fails.</summary>
    public bool Create(BarePair admin, BarePair pair)
    {
        pair.Reset();
        SubmissionEntry completions = AdminCommand.CreateCompletionQueue(pair.Id, pair.CompletionSize, pair.Completions, 0, interrupts: false);
        SubmissionEntry submissions = AdminCommand.CreateSubmissionQueue(pair.Id, pair.SubmissionSize, pair.Submissions, pair.Id);
        return admin.Execute(completions) is { Status.IsSuccess: true } && admin.Execute(submissions) is { Status.IsSuccess: true };
    }

    public void Wait()
    {
        if (Advance is null)
            Thread.Yield();
        else
            Advance();
    }

    public bool WaitFor(Func<bool> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                return false;
            Wait();
        }

        return true;
    }
}
