using SoftIov.Lab.VfioUser;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>Configuration access of a guest's kernel to the domain behind an adapter that it has whole, over the socket.</summary>
internal sealed class ClientConfigAccess(VfioUserClient client) : IConfigAccess
{
    public uint Read(RequesterId target, int offset, int width) => (uint)client.ReadRegion64(0, At(target, offset), width);

    public void Write(RequesterId target, int offset, int width, uint value) => client.WriteRegion64(0, At(target, offset), width, value);

    private static ulong At(RequesterId target, int offset) => ((ulong)target.Value << 12) + (ulong)offset;
}
