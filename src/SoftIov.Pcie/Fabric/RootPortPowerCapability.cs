namespace SoftIov.Pcie;

/// <summary>Power management capability of a root port: D0 and D3hot, state kept (PCIe 7.5.2).</summary>
internal sealed class RootPortPowerCapability(RootPort port) : Capability
{
    private const uint Version3 = 3;
    private const uint NoSoftReset = 1 << 3;

    public override ushort Id => 0x01;

    public override int Length => 0x08;

    public override uint Read(int offset) => offset == 0 ? Version3 << 16 : port.Registers.PowerControl | NoSoftReset;

    public override void Write(int offset, DwordWrite write)
    {
        ushort state = write.Merge16(port.Registers.PowerControl, PowerManagementCapability.PowerState);
        if (offset != 0x04 || state is not (0 or PowerManagementCapability.D3Hot))
            return;
        port.Registers.PowerControl = state;
        port.UpstreamChanged();
    }
}
