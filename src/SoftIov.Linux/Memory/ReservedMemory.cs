using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>
/// Zeroed pages of our own that cost nothing until they are touched (mmap(2), MAP_NORESERVE). Children do not inherit them: what a device
/// writes into them meanwhile arrives here.
/// </summary>
public sealed class ReservedMemory : IHostMemory
{
    private nint _address;

    /// <summary><paramref name="length"/> bytes, page aligned.</summary>
    /// <exception cref="LinuxException">The address space is used up.</exception>
    public ReservedMemory(long length)
    {
        const int Flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_NORESERVE;
        nint address = Libc.Mmap(0, (nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Flags, -1, 0);
        if (address == -1)
            throw LinuxException.FromLast("mmap", $"{length} bytes of memory");
        _ = Libc.Madvise(address, (nuint)length, Libc.MADV_DONTFORK);
        _ = Libc.Madvise(address, (nuint)length, Libc.MADV_DONTDUMP);
        _address = address;
        Length = length;
    }

    /// <summary>Memory nobody disposed.</summary>
    ~ReservedMemory() => Unmap();

    /// <inheritdoc/>
    public nint Address => _address != 0 ? _address : throw new ObjectDisposedException(nameof(ReservedMemory));

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unmap();
        GC.SuppressFinalize(this);
    }

    private void Unmap()
    {
        nint address = Interlocked.Exchange(ref _address, 0);
        if (address != 0)
            _ = Libc.Munmap(address, (nuint)Length);
    }
}
