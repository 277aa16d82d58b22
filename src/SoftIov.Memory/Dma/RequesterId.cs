namespace SoftIov.Memory;

/// <summary>PCIe routing id of a function: bus in bits 15:8, device and function (or ARI function) in bits 7:0.</summary>
public readonly record struct RequesterId(ushort Value)
{
    /// <summary>Bus number, 0 to 255.</summary>
    public byte Bus => (byte)(Value >> 8);

    /// <summary>Device number in bits 7:3 and function number in bits 2:0; with ARI the 8-bit function number.</summary>
    public byte DeviceFunction => (byte)Value;

    /// <summary>Bus:device.function as lspci prints it, for example 01:00.3.</summary>
    public override string ToString() => $"{Bus:x2}:{DeviceFunction >> 3:x2}.{DeviceFunction & 7}";
}
