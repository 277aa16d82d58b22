namespace SoftIov.Pcie;

/// <summary>ARI capability (PCIe 7.8.8): the chain of PFs; a VF ends it. Function groups are not implemented.</summary>
internal sealed class AriCapability(byte nextFunction) : Capability
{
    public override ushort Id => 0x0E;

    public override int Length => 0x08;

    public override uint Read(int offset) => offset == 0x04 ? (uint)nextFunction << 8 : 0;

    public override void Write(int offset, DwordWrite write)
    {
    }
}
