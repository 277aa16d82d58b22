namespace SoftIov.Pcie;

/// <summary>
/// Access control services (PCIe 7.7.11). There is no path from function to function inside the adapter (frames that the switch forwards
/// are no peer-to-peer requests), so request and completion redirect hold whether enabled or not. The port bits are 0.
/// </summary>
internal sealed class AcsCapability(PciFunction function) : Capability
{
    private const ushort RequestAndCompletionRedirect = 0x0C;

    public override ushort Id => 0x0D;

    public override int Length => 0x08;

    public override uint Read(int offset) =>
        offset == 0x04 ? RequestAndCompletionRedirect | ((uint)function.Registers.AcsControl << 16) : 0;

    public override void Write(int offset, DwordWrite write)
    {
        if (offset == 0x04)
            function.Registers.AcsControl = write.Merge16(function.Registers.AcsControl, RequestAndCompletionRedirect, 16);
    }
}
