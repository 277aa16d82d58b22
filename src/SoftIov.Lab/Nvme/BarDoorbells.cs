using System.Buffers.Binary;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Nvme;

/// <summary>Doorbells rung by posted writes to BAR 0, <paramref name="stride"/> bytes apart.</summary>
public sealed class BarDoorbells(IPciDevice device, int stride) : IDoorbells
{
    /// <inheritdoc/>
    public void Ring(int index, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        device.PostBar(0, NvmeRegister.Doorbells + ((ulong)(uint)index * (uint)stride), bytes);
    }
}
