namespace SoftIov.Pcie;

/// <summary>Vendor-specific capability (PCIe 7.9.4): places what a personality brings.</summary>
internal sealed class VendorCapability(IVendorCapability inner) : Capability
{
    private const int ListHeaderBytes = 2;

    public override ushort Id => 0x09;

    public override int Length => inner.Length;

    public override void BeforeRead(int offset, int length) => inner.BeforeRead(offset, length);

    public override uint Read(int offset)
    {
        uint value = 0;
        for (int lane = offset == 0 ? ListHeaderBytes : 0; lane < sizeof(uint); lane++)
            value |= (uint)inner.Read(offset + lane) << (8 * lane);
        return value;
    }

    public override void WriteBytes(int offset, ReadOnlySpan<byte> source)
    {
        int header = Math.Clamp(ListHeaderBytes - offset, 0, source.Length);
        if (header < source.Length)
            inner.Write(offset + header, source[header..]);
    }

    public override void Write(int offset, DwordWrite write)
    {
    }
}
