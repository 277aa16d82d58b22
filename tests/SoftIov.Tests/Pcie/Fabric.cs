using System.Buffers.Binary;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// A device of <see cref="RegisterPersonality"/> functions below a root port on a bus that is brought up, and register access to it as
/// software has it: only through the root complex.
/// </summary>
internal sealed class Fabric : IDisposable
{
    public const ulong PfBar0 = 0x40_0000_0000;
    public const ulong VfBar0 = 0x50_0000_0000;
    public const ulong PfBar2 = 0x8000_0000;
    public const ulong VfBar2 = 0x9000_0000;

    /// <summary>From one PF's VF BARs to the next PF's.</summary>
    public const ulong VfBar0Spread = 0x8_0000_0000;

    private const ushort Running = SriovControlBits.VfEnable | SriovControlBits.VfMemorySpaceEnable;
    private const int ExpressDeviceControl2 = 0x28;
    private const ushort AriForwarding = 1 << 5;

    public Fabric(
        int totalVfs = 8, int physicals = 1, SriovTiming? timing = null, bool noSoftReset = true, bool ari = true,
        IStateStore? state = null, ulong serial = 0, string name = "pf", int msi = 0)
    {
        Factories = [.. Enumerable.Range(0, physicals).Select(_ => new RegisterFactory(msi: msi))];
        Physicals = [.. Enumerable.Range(0, physicals).Select(
            _ => new RegisterPersonality(RegisterPersonality.Describe(0x0010, pin: 1, msi: msi)))];
        Device = new SriovDevice(
            [.. Enumerable.Range(0, physicals).Select(
                i => new PhysicalFunctionParts($"{name}{i}", vf => $"{name}{i}/{vf}", Physicals[i], Factories[i], totalVfs))],
            new SriovDeviceOptions
            {
                State = state ?? new NativeStateStore(),
                Quiescence = Pollers,
                Faults = Faults,
                Time = Clock,
                Timing = timing ?? SriovTiming.Shortest,
                NoSoftReset = noSoftReset,
                SerialNumber = serial,
            });
        Complex = new RootComplex([Device], state ?? new NativeStateStore(), Faults, "rc") { Interrupts = Signal };
        BringUp(ari);
    }

    public VirtualClock Clock { get; } = new();

    public DmaFaultLog Faults { get; } = new(64);

    public NoPollers Pollers { get; } = new();

    public RecordingSignal Signal { get; } = new();

    public RegisterFactory[] Factories { get; }

    public RegisterPersonality[] Physicals { get; }

    public SriovDevice Device { get; }

    public RootComplex Complex { get; }

    public ConfigPort Port => new(Complex, RootComplex.PortId(0));

    public int PortExpress => Port.FindCapability(0x10);

    /// <summary>Configuration space of a PF.</summary>
    public ConfigPort Pf(int pf = 0) => new(Complex, new((ushort)((Bus << 8) + pf)));

    /// <summary>The bus the link leads to.</summary>
    public byte Bus => Port.Read8(0x19);

    /// <summary>Where a PF has its SR-IOV capability.</summary>
    public int Sriov(int pf = 0) => Pf(pf).FindExtended(0x10);

    /// <summary>A 16-bit register of the SR-IOV capability.</summary>
    public ushort this[int register, int pf = 0]
    {
        get => Pf(pf).Read16(Sriov(pf) + register);
        set => Pf(pf).Write16(Sriov(pf) + register, value);
    }

    /// <summary>Routing id of a VF, computed from offset and stride as software does.</summary>
    public RequesterId VfId(int vf, int pf = 0) =>
        new((ushort)(Pf(pf).Id.Value + this[SriovOffsets.FirstVfOffset, pf] + vf * this[SriovOffsets.VfStride, pf]));

    /// <summary>Configuration space of a VF.</summary>
    public ConfigPort Vf(int vf, int pf = 0) => new(Complex, VfId(vf, pf));

    /// <summary>True when something answers there: Command is never all ones.</summary>
    public bool Answers(RequesterId id) => Complex.Read(id, 4, 4) != uint.MaxValue;

    public void Enable(int numVfs, int pf = 0, bool memory = true)
    {
        this[SriovOffsets.NumVfs, pf] = (ushort)numVfs;
        this[SriovOffsets.Control, pf] |= memory ? Running : SriovControlBits.VfEnable;
    }

    public void Disable(int pf = 0) =>
        this[SriovOffsets.Control, pf] &= unchecked((ushort)~Running);

    /// <summary>Address of byte <paramref name="offset"/> of a VF's BAR 0.</summary>
    public static ulong InVf(int vf, ulong offset = 0, ulong aperture = RegisterPersonality.Bar0Size, int pf = 0) =>
        VfBar0 + (ulong)pf * VfBar0Spread + (ulong)vf * aperture + offset;

    public uint Read32(ulong address)
    {
        Span<byte> bytes = stackalloc byte[4];
        Complex.ReadMemory(address, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public bool Write32(ulong address, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Complex.WriteMemory(address, bytes);
    }

    /// <summary>Switches bus mastering of a function.</summary>
    public static void BusMaster(ConfigPort function, bool on = true) =>
        function.Write16(4, (ushort)((function.Read16(4) & ~4) | (on ? 4 : 0)));

    public void SetAriForwarding(bool on) => Port.Write16(PortExpress + ExpressDeviceControl2, on ? AriForwarding : (ushort)0);

    public void Dispose()
    {
        Device.Dispose();
        Complex.Dispose();
    }

    private void BringUp(bool ari)
    {
        Port.Write32(0x18, 0x00FF_0100);
        Port.Write32(0x20, 0xFDF0_8000);
        Port.Write32(0x24, 0xFFF0_0000);
        Port.Write32(0x28, 0x40);
        Port.Write32(0x2C, 0xFFFF);
        Port.Write16(0x3E, 2);
        Port.Write16(0x04, 6);
        SetAriForwarding(ari);
        for (int pf = 0; pf < Physicals.Length; pf++)
        {
            ConfigPort port = Pf(pf);
            port.WriteBar(0x10, 0, BarKind.Memory64Prefetchable, PfBar0 + (ulong)pf * 0x1_0000);
            port.WriteBar(0x10, 2, BarKind.Memory32, PfBar2 + (ulong)pf * 0x1_0000);
            port.Write16(4, 2);
            if (Sriov(pf) == 0)
                continue;
            if (pf == 0)
                this[SriovOffsets.Control] = ari ? SriovControlBits.AriCapableHierarchy : (ushort)0;
            port.WriteBar(Sriov(pf) + SriovOffsets.VfBars, 0, BarKind.Memory64Prefetchable, InVf(0, pf: pf));
            port.WriteBar(Sriov(pf) + SriovOffsets.VfBars, 2, BarKind.Memory32, VfBar2 + (ulong)pf * 0x800_0000);
        }
    }
}
