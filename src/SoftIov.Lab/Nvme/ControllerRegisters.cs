using System.Buffers.Binary;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>The registers of a controller, in BAR 0 (NVMe base 2.0, 3.1). Every access goes to the device.</summary>
public sealed class ControllerRegisters(IPciDevice device)
{
    private const int Bar = 0;

    /// <summary>CAP.</summary>
    public ControllerCapabilities Capabilities => new(Read64(NvmeRegister.Capabilities));

    /// <summary>VS, for example 00010400h.</summary>
    public uint Version => Read32(NvmeRegister.Version);

    /// <summary>CC.</summary>
    public ControllerConfiguration Configuration
    {
        get => new(Read32(NvmeRegister.Configuration));
        set => Write32(NvmeRegister.Configuration, value.Value);
    }

    /// <summary>CSTS.</summary>
    public ControllerStatus Status => new(Read32(NvmeRegister.Status));

    /// <summary>AQA, ASQ and ACQ.</summary>
    public void SetAdminQueues(SubmissionQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Write32(NvmeRegister.AdminQueueAttributes, ((uint)(queue.Completions.Size - 1) << 16) | (uint)(queue.Size - 1));
        Write64(NvmeRegister.AdminSubmissionQueue, queue.Address);
        Write64(NvmeRegister.AdminCompletionQueue, queue.Completions.Address);
    }

    /// <summary>Reads 32 bits.</summary>
    public uint Read32(int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        device.ReadBar(Bar, (ulong)offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Reads 64 bits in one access.</summary>
    public ulong Read64(int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        device.ReadBar(Bar, (ulong)offset, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>Writes 32 bits.</summary>
    public void Write32(int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        device.WriteBar(Bar, (ulong)offset, bytes);
    }

    /// <summary>Writes 64 bits in one access.</summary>
    public void Write64(int offset, ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        device.WriteBar(Bar, (ulong)offset, bytes);
    }
}
