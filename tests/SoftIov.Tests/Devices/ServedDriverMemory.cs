using SoftIov.Lab.VfioUser;
using SoftIov.Lab.Pci;
using SoftIov.Linux;

namespace SoftIov.Tests.Devices;

/// <summary>A driver's memory as its client serves it to messages.</summary>
internal sealed class ServedDriverMemory(DriverMemory memory) : IClientMemory
{
    public Errno Read(ulong iova, Span<byte> destination)
    {
        memory.Span(iova, destination.Length).CopyTo(destination);
        return Errno.None;
    }

    public Errno Write(ulong iova, ReadOnlySpan<byte> source)
    {
        source.CopyTo(memory.Span(iova, source.Length));
        return Errno.None;
    }
}
