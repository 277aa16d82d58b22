namespace SoftIov.Pcie;

/// <summary>
/// Access control services of a root port (PCIe 7.7.11): source validation, translation blocking, redirects and upstream forwarding. They
/// hold whether enabled or not: a message's routing id is always checked, and nothing goes from port to port.
/// </summary>
internal sealed class RootPortAcsCapability(RootPort port) : Capability
{
    private const ushort Services = 0x1F;

    public override ushort Id => 0x0D;

    public override int Length => 0x08;

    public override uint Read(int offset) => offset == 0x04 ? Services | ((uint)port.Registers.AcsControl << 16) : 0;

    public override void Write(int offset, DwordWrite write)
    {
        if (offset == 0x04)
            port.Registers.AcsControl = write.Merge16(port.Registers.AcsControl, Services, 16);
    }
}
