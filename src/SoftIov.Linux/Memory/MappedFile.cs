using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>A shared mapping of a file's bytes, in place until disposed (mmap(2)).</summary>
public sealed unsafe class MappedFile : IHostMemory
{
    private nint _address;

    private MappedFile(nint address, long length)
    {
        _address = address;
        Length = length;
    }

    /// <summary>A mapping nobody disposed.</summary>
    ~MappedFile() => Unmap();

    /// <inheritdoc/>
    public nint Address => _address != 0 ? _address : throw new ObjectDisposedException(nameof(MappedFile));

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>The bytes, when they are at most 2 GiB. Not after <see cref="Dispose"/>.</summary>
    public Span<byte> Bytes => new((void*)Address, checked((int)Length));

    /// <summary>Maps <paramref name="length"/> bytes from <paramref name="offset"/>, a multiple of the page size; throws when refused.</summary>
    public static MappedFile Map(FileDescriptor file, long offset, long length, bool writable) =>
        TryMap(file, offset, length, writable, out Errno error) ?? throw new LinuxException("mmap", error, file.ToString());

    /// <summary>As <see cref="Map"/>; null and the reason when the kernel refuses, for example a descriptor without write permission.</summary>
    public static MappedFile? TryMap(FileDescriptor file, long offset, long length, bool writable, out Errno error)
    {
        int protection = writable ? Libc.PROT_READ | Libc.PROT_WRITE : Libc.PROT_READ;
        nint address = Libc.Mmap(0, (nuint)length, protection, Libc.MAP_SHARED, file.Number, (nint)offset);
        error = address == -1 ? LinuxException.Last : Errno.None;
        return address == -1 ? null : new MappedFile(address, length);
    }

    /// <summary>Leaves the mapping out of core dumps: guest memory is large and not ours to write to disk.</summary>
    public void ExcludeFromCoreDump() => _ = Libc.Madvise(Address, (nuint)Length, Libc.MADV_DONTDUMP);

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
