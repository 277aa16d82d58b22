using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// Which bits of configuration space may ever change, written down from the specification and not from the code: everything else is
/// constant from power-on to the end.
/// </summary>
internal static class WritableBits
{
    private const uint StatusErrors = 0xF900_0000;
    private const uint InterruptStatus = 0x0008_0000;
    private const uint AerUncorrectable = 0x0057_F030;
    private const uint AerCorrectable = 0x31C1;

    /// <summary>Masks by dword, for a PF of <see cref="RegisterPersonality"/> in the fabric view.</summary>
    public static Dictionary<int, uint> OfPhysical(ConfigPort pf)
    {
        Dictionary<int, uint> masks = new()
        {
            [0x04] = 0x0546 | StatusErrors | InterruptStatus,
            [0x0C] = 0xFF,
            [0x10] = 0xFFFF_C000,
            [0x14] = 0xFFFF_FFFF,
            [0x18] = 0xFFFF_F000,
            [0x3C] = 0xFF,
        };
        masks[pf.FindCapability(0x01) + 4] = 0x3;
        masks[pf.FindCapability(0x11)] = 0xC000_0000;
        AddMsi(masks, pf);
        int express = pf.FindCapability(0x10);
        masks[express + 0x08] = 0x002F_79FF;
        masks[express + 0x10] = 0x00CB;
        masks[express + 0x28] = 0x0010;
        masks[express + 0x30] = 0x000F;
        int aer = pf.FindExtended(0x01);
        masks[aer + 0x04] = masks[aer + 0x08] = masks[aer + 0x0C] = AerUncorrectable;
        masks[aer + 0x10] = masks[aer + 0x14] = AerCorrectable;
        masks[aer + 0x18] = 0x1F;
        masks[pf.FindExtended(0x0D) + 4] = 0x000C_0000;
        int sriov = pf.FindExtended(0x10);
        masks[sriov + 0x08] = 0x0019;
        masks[sriov + 0x10] = 0xFFFF;
        masks[sriov + 0x14] = 0xFFFF_FFFF;
        masks[sriov + 0x20] = 0x0553;
        masks[sriov + 0x24] = 0xFFFF_C000;
        masks[sriov + 0x28] = 0xFFFF_FFFF;
        masks[sriov + 0x2C] = 0xFFFF_F000;
        return masks;
    }

    /// <summary>Masks by dword, for a VF in the fabric view.</summary>
    public static Dictionary<int, uint> OfVirtual(ConfigPort vf)
    {
        int aer = vf.FindExtended(0x01);
        Dictionary<int, uint> masks = new()
        {
            [0x04] = 0x0004 | StatusErrors,
            [vf.FindCapability(0x11)] = 0xC000_0000,
            [vf.FindCapability(0x10) + 0x08] = 0x002F_0000,
            [aer + 0x04] = AerUncorrectable,
            [aer + 0x10] = AerCorrectable,
            [aer + 0x18] = 0x1F,
        };
        AddMsi(masks, vf);
        return masks;
    }

    private static void AddMsi(Dictionary<int, uint> masks, ConfigPort function)
    {
        int msi = function.FindCapability(0x05);
        if (msi == 0)
            return;
        uint vectors = uint.MaxValue >> (32 - (1 << (function.Read16(msi + 2) >> 1 & 7)));
        masks[msi] = 0x0071_0000;
        masks[msi + 0x04] = 0xFFFF_FFFC;
        masks[msi + 0x08] = 0xFFFF_FFFF;
        masks[msi + 0x0C] = 0x0000_FFFF;
        masks[msi + 0x10] = masks[msi + 0x14] = vectors;
    }

    /// <summary>What may not change, of all 1024 dwords.</summary>
    public static uint[] Constants(ConfigPort function, Dictionary<int, uint> masks)
    {
        uint[] constants = new uint[ConfigSpace.Size / 4];
        for (int i = 0; i < constants.Length; i++)
            constants[i] = function.Read32(4 * i) & ~masks.GetValueOrDefault(4 * i);
        return constants;
    }
}
