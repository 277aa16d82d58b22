using System.Buffers.Binary;

namespace SoftIov.Lab.Nvme;

/// <summary>The Primary Controller Capabilities structure (NVMe base 2.0, Identify CNS 14h).</summary>
/// <param name="Bytes">All 4096 bytes.</param>
public sealed record PrimaryCapabilities(byte[] Bytes)
{
    /// <summary>CNTLID.</summary>
    public ushort ControllerId => Read16(0);

    /// <summary>PORTID.</summary>
    public ushort PortId => Read16(2);

    /// <summary>CRT: bit 0 queues, bit 1 interrupts are flexible.</summary>
    public byte ResourceTypes => Bytes[4];

    /// <summary>VQFRT: flexible queues in all.</summary>
    public uint FlexibleQueues => Read32(32);

    /// <summary>VQRFA: those assigned to secondary controllers.</summary>
    public uint AssignedQueues => Read32(36);

    /// <summary>VQRFAP: those allocated to the primary controller.</summary>
    public ushort PrimaryQueues => Read16(40);

    /// <summary>VQPRT: private queues of the primary controller.</summary>
    public ushort PrivateQueues => Read16(42);

    /// <summary>VQFRSM: most of a secondary controller.</summary>
    public ushort MostSecondaryQueues => Read16(44);

    /// <summary>VQGRAN.</summary>
    public ushort QueueGranularity => Read16(46);

    /// <summary>VIFRT: flexible interrupts in all.</summary>
    public uint FlexibleInterrupts => Read32(64);

    /// <summary>VIRFA: those assigned to secondary controllers.</summary>
    public uint AssignedInterrupts => Read32(68);

    /// <summary>VIRFAP: those allocated to the primary controller.</summary>
    public ushort PrimaryInterrupts => Read16(72);

    /// <summary>VIPRT: private interrupts of the primary controller.</summary>
    public ushort PrivateInterrupts => Read16(74);

    /// <summary>VIFRSM: most of a secondary controller.</summary>
    public ushort MostSecondaryInterrupts => Read16(76);

    /// <summary>VIGRAN.</summary>
    public ushort InterruptGranularity => Read16(78);

    private ushort Read16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(offset));

    private uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(offset));
}
