using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>What must not change while VF Enable is set.</summary>
internal readonly record struct LockedState(bool IsEnabled, int NumVfs, uint SystemPageSize, bool IsAri, int Count)
{
    public static LockedState Of(SriovDevice device, int pf)
    {
        SriovEngine engine = device.Engines[pf];
        return new(engine.IsEnabled, engine.Registers.NumVfs, engine.Registers.SystemPageSize, device.IsAri, engine.Count);
    }
}
