using SoftIov.Lab.VfioUser;
using SoftIov.Linux;

namespace SoftIov.Tests.Transports;

/// <summary>Guest memory from address 0 that is reached by messages.</summary>
internal sealed class ClientMemoryModel(int size) : IClientMemory
{
    public byte[] Bytes { get; } = new byte[size];

    /// <summary>Bytes of each access that came.</summary>
    public List<int> Counts { get; } = [];

    public Errno Read(ulong iova, Span<byte> destination)
    {
        Counts.Add(destination.Length);
        if (iova + (ulong)destination.Length > (ulong)size)
            return Errno.ENODEV;
        Bytes.AsSpan((int)iova, destination.Length).CopyTo(destination);
        return Errno.None;
    }

    public Errno Write(ulong iova, ReadOnlySpan<byte> source)
    {
        Counts.Add(source.Length);
        if (iova + (ulong)source.Length > (ulong)size)
            return Errno.ENODEV;
        source.CopyTo(Bytes.AsSpan((int)iova));
        return Errno.None;
    }
}
