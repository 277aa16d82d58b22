namespace SoftIov.Devices.Nvme.Spec;

/// <summary>
/// How controllers name themselves. Drivers go by the class code. The id is of the range 1af4:10f0 to 10ff, free for experiments, for which no
/// driver has quirks: to imitate a known controller would switch on what Linux does about its faults (1b36:0010: no namespace identifiers).
/// </summary>
internal static class NvmePciId
{
    public const ushort Vendor = 0x1af4;
    public const ushort Device = 0x10f0;
    public const ushort Subsystem = 0x1100;
    public const byte Revision = 1;

    /// <summary>Mass storage, non-volatile memory, NVM Express.</summary>
    public const int Class = 0x010802;
}
