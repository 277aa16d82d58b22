using System.Buffers.Binary;
using System.Numerics;

namespace SoftIov.Transports.VfioUser;

/// <summary>DEVICE_SET_IRQS as it is sent (linux/vfio.h, struct vfio_irq_set); data follows.</summary>
/// <param name="ArgumentSize">Bytes of the structure and its data.</param>
/// <param name="Flags">One data type and one action.</param>
/// <param name="Index">Interrupt index.</param>
/// <param name="Start">First interrupt.</param>
/// <param name="Count">How many.</param>
internal readonly record struct IrqSet(uint ArgumentSize, uint Flags, uint Index, uint Start, uint Count)
{
    /// <summary>Bytes.</summary>
    public const int Length = 20;

    /// <summary>Data: none, all interrupts of the range are meant.</summary>
    public const uint DataNone = 1;

    /// <summary>Data: a byte per interrupt, not 0 for those that are meant.</summary>
    public const uint DataBool = 2;

    /// <summary>Data: an eventfd per interrupt, or none at all to take them away.</summary>
    public const uint DataEventFd = 4;

    /// <summary>Action: mask.</summary>
    public const uint Mask = 8;

    /// <summary>Action: unmask.</summary>
    public const uint Unmask = 0x10;

    /// <summary>Action: fire, or with eventfds say how to fire.</summary>
    public const uint Trigger = 0x20;

    private const uint DataMask = DataNone | DataBool | DataEventFd;
    private const uint ActionMask = Mask | Unmask | Trigger;

    /// <summary>Data type.</summary>
    public uint Data => Flags & DataMask;

    /// <summary>Action.</summary>
    public uint Action => Flags & ActionMask;

    /// <summary>True when exactly one data type and one action are named, and nothing else.</summary>
    public bool HasValidFlags =>
        (Flags & ~(DataMask | ActionMask)) == 0 && BitOperations.IsPow2(Data) && BitOperations.IsPow2(Action);

    /// <summary>Decodes.</summary>
    public static IrqSet Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]));
}
