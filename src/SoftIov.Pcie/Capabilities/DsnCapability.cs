namespace SoftIov.Pcie;

/// <summary>Device serial number (PCIe 7.9.3): an EUI-64, the same in all functions of an adapter.</summary>
internal sealed class DsnCapability(ulong serialNumber) : Capability
{
    public override ushort Id => 0x03;

    public override int Length => 0x0C;

    public override uint Read(int offset) => offset switch
    {
        0x04 => (uint)serialNumber,
        0x08 => (uint)(serialNumber >> 32),
        _ => 0,
    };

    public override void Write(int offset, DwordWrite write)
    {
    }
}
