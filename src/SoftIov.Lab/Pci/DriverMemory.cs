using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.Pci;

/// <summary>
/// Memory that a driver shares with its device, at addresses of the driver's choice: host memory and an allocator that only ever gives.
/// Zeroed at the start. <see cref="Allocate"/> is for one thread; the bytes may be used by any.
/// </summary>
public sealed class DriverMemory : IDisposable
{
    /// <summary>Where memory starts unless told otherwise: not 0, not the host's address, and above 4 GiB.</summary>
    public const ulong DefaultIova = 0x1_0000_0000;

    private ulong _next;

    private DriverMemory(IHostMemory host, FileDescriptor? file, ulong iova)
    {
        Host = host;
        File = file;
        Iova = iova;
        _next = iova;
    }

    /// <summary>The memory behind it.</summary>
    public IHostMemory Host { get; }

    /// <summary>The memory file behind it, to hand to another process; null when only this process can reach it.</summary>
    public FileDescriptor? File { get; }

    /// <summary>Address of the first byte as the device uses it.</summary>
    public ulong Iova { get; }

    /// <summary>Bytes.</summary>
    public long Length => Host.Length;

    /// <summary>Pages of this process.</summary>
    public static DriverMemory CreatePrivate(long length, ulong iova = DefaultIova) => new(new NativeHostMemory(length), null, iova);

    /// <summary>A memory file, sealed against any change of size, and mapped here.</summary>
    public static DriverMemory CreateShared(string name, long length, ulong iova = DefaultIova)
    {
        long page = Environment.SystemPageSize;
        length = (length + page - 1) & -page;
        FileDescriptor file = MemoryFile.Create(name, length);
        return new DriverMemory(MappedFile.Map(file, 0, length, writable: true), file, iova);
    }

    /// <summary>Address of <paramref name="length"/> bytes that nobody else got; throws when there are none left.</summary>
    public ulong Allocate(long length, int alignment = 64)
    {
        ulong start = (_next + (ulong)alignment - 1) & ~((ulong)alignment - 1);
        if (length < 0 || start - Iova > (ulong)Length || (ulong)length > (ulong)Length - (start - Iova))
            throw new InvalidOperationException($"No room for {length} bytes in {Length} bytes of driver memory.");

        _next = start + (ulong)length;
        return start;
    }

    /// <summary>Forgets all allocations; the bytes stay.</summary>
    public void Free() => _next = Iova;

    /// <summary>The bytes at an address.</summary>
    public Span<byte> Span(ulong iova, int length) => Host.Slice((long)(iova - Iova), length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Host.Dispose();
        File?.Dispose();
    }
}
