namespace SoftIov.Lab.VfioUser;

/// <summary>Answer to DEVICE_GET_IRQ_INFO.</summary>
/// <param name="ArgumentSize">Bytes of the structure.</param>
/// <param name="Flags">Bit 0: by eventfd; 1: maskable; 2: masks itself; 3: cannot be resized.</param>
/// <param name="Index">Interrupt index.</param>
/// <param name="Count">How many interrupts.</param>
public readonly record struct IrqInfo(uint ArgumentSize, uint Flags, uint Index, uint Count);
