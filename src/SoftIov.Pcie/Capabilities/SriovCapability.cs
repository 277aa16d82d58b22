namespace SoftIov.Pcie;

/// <summary>
/// SR-IOV extended capability (PCIe 9.3.3) of a PF: the register map; what the registers do is <see cref="SriovEngine"/>. VF migration is
/// a Multi-Root relic and reads 0 throughout.
/// </summary>
internal sealed class SriovCapability(SriovEngine engine) : Capability
{
    /// <summary>4K, 8K, 64K, 256K, 1M and 4M, which every device supports.</summary>
    public const uint SupportedPageSizes = 0x553;

    private const uint AriHierarchyPreserved = 1 << 1;

    public override ushort Id => 0x10;

    public override int Length => SriovOffsets.Length;

    public override uint Read(int offset)
    {
        ref SriovRegisters registers = ref engine.Registers;
        switch (offset)
        {
            case SriovOffsets.Capabilities:
                return engine.IsLowest ? AriHierarchyPreserved : 0;
            case SriovOffsets.Control:
                return registers.Control;
            case SriovOffsets.InitialVfs:
                return (uint)(engine.TotalVfs | (engine.TotalVfs << 16));
            case SriovOffsets.NumVfs:
                return registers.NumVfs | ((uint)engine.FunctionNumber << 16);
            case SriovOffsets.FirstVfOffset:
                VfRouting routing = engine.Routing;
                return routing.Offset | ((uint)routing.Stride << 16);
            case SriovOffsets.VfDeviceId & ~3:
                return (uint)engine.VfDescription.DeviceId << 16;
            case SriovOffsets.SupportedPageSizes:
                return SupportedPageSizes;
            case SriovOffsets.SystemPageSize:
                return registers.SystemPageSize;
            case >= SriovOffsets.VfBars and < SriovOffsets.VfMigrationStateArray:
                return engine.VfBars.Read(registers.VfBars, (offset - SriovOffsets.VfBars) >> 2, engine.PageBytes);
            default:
                return 0;
        }
    }

    public override void Write(int offset, DwordWrite write)
    {
        switch (offset)
        {
            case SriovOffsets.Control:
                engine.WriteControl(write);
                break;
            case SriovOffsets.NumVfs:
                engine.WriteNumVfs(write);
                break;
            case SriovOffsets.SystemPageSize:
                engine.WriteSystemPageSize(write);
                break;
            case >= SriovOffsets.VfBars and < SriovOffsets.VfMigrationStateArray:
                engine.WriteVfBar((offset - SriovOffsets.VfBars) >> 2, write);
                break;
        }
    }
}
