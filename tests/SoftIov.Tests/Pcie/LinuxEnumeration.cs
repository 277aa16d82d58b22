using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// What Linux does with a root complex it is given whole, as a plain model: scan by header type and ARI chain, bus numbers with room for
/// VFs, sizes and windows, VFs, a secondary bus reset with restore (drivers/pci/probe.c, setup-bus.c, iov.c, pci.c).
/// </summary>
internal sealed class LinuxEnumeration(RootComplex complex, bool usesAri = true)
{
    private const byte ChildBus = 1;
    private const ushort AriForwarding = 1 << 5;
    private const ushort LinkActive = 1 << 13;
    private const ushort VirtualFunctions = SriovControlBits.VfEnable | SriovControlBits.VfMemorySpaceEnable;

    private ulong _next32 = 0x8000_0000;
    private ulong _next64 = 0x40_0000_0000;

    /// <summary>Functions found below the port, by routing id.</summary>
    public List<ConfigPort> Functions { get; } = [];

    public ConfigPort Port => new(complex, new(0));

    /// <summary>Scan of bus 0 and of the bus behind its bridge, then resources and decoding.</summary>
    public void Scan()
    {
        Assert.Equal(1, Port.Read8(0x0E) & 0x7F);
        Assert.Equal(0x0604u, Port.Read32(0x08) >> 16);
        Assert.NotEqual(0, Port.Read8(0x06) & 0x10);
        Port.Write16(0x3E, (ushort)(Port.Read16(0x3E) & ~0x20));
        Assert.Equal(0, Port.Read8(0x1C));
        Port.Write16(0x1C, 0xE0F0);
        Assert.Equal(0, Port.Read16(0x1C));
        Port.Write32(0x18, (uint)(ChildBus << 8 | 0xFF << 16));
        ScanSlot();
        Port.Write8(0x1A, (byte)LastBus());
        foreach (ConfigPort function in Functions)
            Assign(function, 0x10, 1);
        foreach (ConfigPort function in Functions)
            InitSriov(function);
        OpenWindows();
        foreach (ConfigPort function in Functions)
            function.Write16(0x04, (ushort)(function.Read16(0x04) | 6));
    }

    /// <summary>sriov_enable, then what virtfn_add and a driver's probe read of each VF.</summary>
    public List<ConfigPort> EnableVfs(ConfigPort pf, int count)
    {
        int cap = pf.FindExtended(0x10);
        Assert.Equal(pf.Read16(cap + 0x0E), pf.Read16(cap + 0x0C));
        pf.Write16(cap + 0x10, (ushort)count);
        int offset = pf.Read16(cap + 0x14);
        int stride = pf.Read16(cap + 0x16);
        Assert.InRange(pf.Id.Value + offset + (count - 1) * stride >> 8, ChildBus, Port.Read8(0x1A));
        pf.Write16(cap + 8, (ushort)(pf.Read16(cap + 8) | VirtualFunctions));
        List<ConfigPort> vfs = [];
        for (int i = 0; i < count; i++)
        {
            ConfigPort vf = new(complex, new((ushort)(pf.Id.Value + offset + i * stride)));
            Assert.Equal(pf.Read32(8) >> 8, vf.Read32(8) >> 8);
            Assert.Equal(0, vf.Read8(0x0E));
            Assert.NotEqual(0, vf.FindCapability(0x10));
            Assert.NotEqual(0, vf.FindCapability(0x11));
            Assert.NotEqual(0, vf.FindExtended(0x0E));
            vfs.Add(vf);
        }

        return vfs;
    }

    /// <summary>Address of a VF's BAR as the kernel computes it from the PF's VF BAR.</summary>
    public static ulong VfBar(ConfigPort pf, int vf, int bar)
    {
        int at = pf.FindExtended(0x10) + 0x24 + 4 * bar;
        BarDescription[] sizes = pf.SizeBars(pf.FindExtended(0x10) + 0x24);
        ulong address = pf.Read32(at) & ~0xFul;
        if (sizes[bar].Kind != BarKind.Memory32)
            address |= (ulong)pf.Read32(at + 4) << 32;
        return address + (ulong)vf * sizes[bar].Size;
    }

    /// <summary>pci_bridge_secondary_bus_reset with saved state: the PF comes back, and its VFs with it.</summary>
    public void ResetSecondaryBus(ConfigPort pf)
    {
        uint[] header = [.. Enumerable.Range(0, 16).Select(i => pf.Read32(4 * i))];
        int cap = pf.FindExtended(0x10);
        uint[] sriov = [.. Enumerable.Range(0, 16).Select(i => pf.Read32(cap + 4 * i))];
        int express = Port.FindCapability(0x10);
        Port.Write16(0x3E, (ushort)(Port.Read16(0x3E) | 0x40));
        Assert.Equal(0, Port.Read16(express + 0x12) & LinkActive);
        Port.Write16(0x3E, (ushort)(Port.Read16(0x3E) & ~0x40));
        Assert.NotEqual(0, Port.Read16(express + 0x12) & LinkActive);
        Assert.Equal(header[0], pf.Read32(0));
        for (int i = 15; i >= 4; i--)
            pf.Write32(4 * i, header[i]);
        pf.Write32(4, header[1] & 0xFFFF);
        for (int bar = 0; bar < 6; bar++)
            pf.Write32(cap + 0x24 + 4 * bar, sriov[9 + bar]);
        pf.Write32(cap + 0x20, sriov[8]);
        pf.Write16(cap + 8, (ushort)(sriov[2] & SriovControlBits.AriCapableHierarchy));
        pf.Write16(cap + 0x10, (ushort)sriov[4]);
        pf.Write16(cap + 8, (ushort)sriov[2]);
    }

    private void ScanSlot()
    {
        int function = 0;
        do
        {
            ConfigPort found = new(complex, new((ushort)(ChildBus << 8 | function)));
            Assert.NotEqual(uint.MaxValue, found.Read32(0));
            Assert.Equal(0, found.Read8(0x0E) & 0x7F);
            Functions.Add(found);
            if (function == 0)
                ConfigureAri(found);
            function = NextFunction(found, function);
        }
        while (function > 0);
    }

    private void ConfigureAri(ConfigPort first)
    {
        int express = Port.FindCapability(0x10);
        if (usesAri && (Port.Read32(express + 0x24) & AriForwarding) != 0 && first.FindExtended(0x0E) != 0)
            Port.Write16(express + 0x28, (ushort)(Port.Read16(express + 0x28) | AriForwarding));
    }

    private int NextFunction(ConfigPort function, int number)
    {
        if (usesAri)
            return function.Read8(function.FindExtended(0x0E) + 5);
        bool isMulti = (Functions[0].Read8(0x0E) & 0x80) != 0;
        for (int next = number + 1; isMulti && next < 8; next++)
        {
            if (complex.Read(new((ushort)(ChildBus << 8 | next)), 0, 4) != uint.MaxValue)
                return next;
        }

        return 0;
    }

    /// <summary>pci_iov_bus_range over all PFs, after their probe.</summary>
    private int LastBus()
    {
        int last = ChildBus;
        foreach (ConfigPort pf in Functions)
        {
            int cap = pf.FindExtended(0x10);
            if (cap == 0)
                continue;
            pf.Write16(cap + 8, usesAri && pf == Functions[0] ? SriovControlBits.AriCapableHierarchy : (ushort)0);
            for (int count = pf.Read16(cap + 0x0E); count > 0; count--)
            {
                pf.Write16(cap + 0x10, (ushort)count);
                Assert.NotEqual(0, pf.Read16(cap + 0x14));
                Assert.True(pf.Read16(cap + 0x16) != 0 || count == 1);
                last = Math.Max(last, pf.Id.Value + pf.Read16(cap + 0x14) + (count - 1) * pf.Read16(cap + 0x16) >> 8);
            }

            pf.Write16(cap + 0x10, 0);
        }

        return Math.Min(last, 0xFF);
    }

    private void InitSriov(ConfigPort pf)
    {
        int cap = pf.FindExtended(0x10);
        if (cap == 0)
            return;
        pf.Write32(cap + 0x20, pf.Read32(cap + 0x1C) & ~(pf.Read32(cap + 0x1C) - 1));
        Assign(pf, cap + 0x24, pf.Read16(cap + 0x0E));
    }

    private void Assign(ConfigPort function, int offset, int copies)
    {
        BarDescription[] bars = function.SizeBars(offset);
        for (int i = 0; i < bars.Length; i++)
        {
            if (bars[i].Kind == BarKind.None)
                continue;
            ref ulong next = ref bars[i].Kind == BarKind.Memory64Prefetchable ? ref _next64 : ref _next32;
            next = (next + bars[i].Size - 1) & ~(bars[i].Size - 1);
            function.WriteBar(offset, i, bars[i].Kind, next);
            next += bars[i].Size * (ulong)copies;
        }
    }

    private void OpenWindows()
    {
        Port.Write32(0x20, ((uint)(_next32 - 1) & 0xFFF0_0000) | 0x8000);
        ulong limit = _next64 - 1;
        Port.Write32(0x2C, 0);
        Port.Write32(0x24, (uint)limit & 0xFFF0_0000);
        Port.Write32(0x28, 0x40);
        Port.Write32(0x2C, (uint)(limit >> 32));
        Port.Write16(0x04, 6);
    }
}
