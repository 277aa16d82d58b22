using System.Runtime.InteropServices;

namespace SoftIov.Memory;

/// <summary>Zeroed pages of our own, for tests and benches: guest memory or state that no other process shares.</summary>
public sealed unsafe class NativeHostMemory : IHostMemory
{
    private const int PageSize = 4096;
    private void* _pages;

    /// <summary>At least <paramref name="length"/> bytes, page aligned.</summary>
    public NativeHostMemory(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _pages = NativeMemory.AlignedAlloc((nuint)length, PageSize);
        Length = length;
        Clear();
    }

    /// <summary>Memory nobody disposed.</summary>
    ~NativeHostMemory() => Free();

    /// <inheritdoc/>
    public nint Address => (nint)_pages;

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>The bytes, when they are at most 2 GiB.</summary>
    public Span<byte> Bytes => new(_pages, checked((int)Length));

    /// <summary>Zeroes everything.</summary>
    public void Clear() => NativeMemory.Clear(_pages, (nuint)Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        void* pages = _pages;
        _pages = null;
        if (pages != null)
        {
            NativeMemory.AlignedFree(pages);
        }
    }
}
