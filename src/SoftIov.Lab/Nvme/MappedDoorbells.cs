using System.Runtime.InteropServices;
using SoftIov.Memory;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// Doorbells in memory that the device shares, <paramref name="stride"/> bytes apart: nobody is told, the device looks. Doorbells behind the
/// end of <paramref name="page"/>, which starts with the first one, are rung by <paramref name="others"/>.
/// </summary>
public sealed class MappedDoorbells(IHostMemory page, int stride, IDoorbells others) : IDoorbells
{
    /// <inheritdoc/>
    public void Ring(int index, uint value)
    {
        long offset = (long)index * stride;
        if (offset + sizeof(uint) > page.Length)
            others.Ring(index, value);
        else
            // Pairs with the device's read of the doorbell: entries are written before.
            Volatile.Write(ref MemoryMarshal.AsRef<uint>(page.Slice(offset, sizeof(uint))), value);
    }
}
