using SoftIov.Linux;

namespace SoftIov.Lab.Pci;

/// <summary>
/// A PCIe function as its driver reaches it, whatever lies between: the function itself in this process, or a vfio-user session. One
/// thread at a time, but for <see cref="PostBar"/>.
/// </summary>
public interface IPciDevice
{
    /// <summary>For messages, for example net0/3.</summary>
    string Name { get; }

    /// <summary>Reads configuration space.</summary>
    void ReadConfig(int offset, Span<byte> destination);

    /// <summary>Writes configuration space.</summary>
    void WriteConfig(int offset, ReadOnlySpan<byte> source);

    /// <summary>Reads BAR <paramref name="bar"/>, 0..5.</summary>
    void ReadBar(int bar, ulong offset, Span<byte> destination);

    /// <summary>Writes BAR <paramref name="bar"/>; the write has taken effect on return.</summary>
    void WriteBar(int bar, ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Writes BAR <paramref name="bar"/> without waiting for the effect: doorbells. Any thread.</summary>
    void PostBar(int bar, ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Lets the device reach all of <paramref name="memory"/> at its own addresses.</summary>
    void MapMemory(DriverMemory memory);

    /// <summary>The device may not touch <paramref name="memory"/> any more, and does not on return.</summary>
    void UnmapMemory(DriverMemory memory);

    /// <summary>
    /// Connects MSI-X vectors 0..<paramref name="count"/>-1, each to an event that the device signals and owns; 0 disconnects all.
    /// </summary>
    IReadOnlyList<EventFd> ConnectInterrupts(int count);

    /// <summary>Function level reset. All DMA has stopped on return.</summary>
    void Reset();
}
