using System.Buffers.Binary;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>Configuration access of a kernel that found a PCI domain behind an endpoint: through the ECAM window in BAR 0.</summary>
internal sealed class DomainConfigAccess(IEndpoint endpoint) : IConfigAccess
{
    public uint Read(RequesterId target, int offset, int width)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        endpoint.ReadBar(0, ((ulong)target.Value << 12) + (ulong)offset, bytes[..width]);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public void Write(RequesterId target, int offset, int width, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        endpoint.WriteBar(0, ((ulong)target.Value << 12) + (ulong)offset, bytes[..width]);
    }
}
