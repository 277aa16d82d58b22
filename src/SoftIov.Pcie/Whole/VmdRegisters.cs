namespace SoftIov.Pcie;

/// <summary>The writable registers of a <see cref="VmdEndpoint"/>.</summary>
internal struct VmdRegisters
{
    public ushort Command;
    public BarRegisters Bars;
    public byte InterruptLine;

    /// <summary>VMCONFIG; bit 1 is set by a driver that lets messages pass as they are.</summary>
    public ushort VmConfig;
    public ushort DeviceControl;
    public ushort MsixControl;
}
