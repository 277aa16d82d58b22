using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>A device, its root complex, and a PF driver whose register accesses are recorded and can be tampered with.</summary>
internal sealed class DrivenAdapter : IDisposable
{
    public DrivenAdapter(int totalVfs, SriovTiming? timing = null, bool jumps = true, ulong bar2Size = RegisterPersonality.Bar2Size)
    {
        Clock = new VirtualClock { Jumps = jumps };
        PersonalityDescription description = RegisterPersonality.Describe(RegisterFactory.DeviceId);
        BarDescription[] bars = [.. description.Bars];
        bars[2] = new(BarKind.Memory32, bar2Size);
        DmaFaultLog faults = new(8);
        Device = new SriovDevice(
            [
                new("pf", vf => $"vf{vf}", new RegisterPersonality(RegisterPersonality.Describe(0x0010)),
                    new RegisterFactory { Description = description with { Bars = bars } }, totalVfs),
            ],
            new SriovDeviceOptions
            {
                State = new NativeStateStore(),
                Quiescence = new NoPollers(),
                Faults = faults,
                Time = Clock,
                Timing = timing ?? SriovTiming.Shortest,
            });
        Complex = new RootComplex([Device], new NativeStateStore(), faults, "rc");
        Access = new RecordingAccess(Complex);
        Driver = new PfDriver(Access, RootComplex.PortId(0), Clock);
        Sriov = FindSriov(Device.Engines[0].Physical.FabricConfig);
    }

    public VirtualClock Clock { get; }

    public SriovDevice Device { get; }

    public RootComplex Complex { get; }

    public RecordingAccess Access { get; }

    public PfDriver Driver { get; }

    /// <summary>Where the PF has its SR-IOV capability.</summary>
    public int Sriov { get; }

    /// <summary>Writes to the SR-IOV capability, in order: register and value.</summary>
    public List<(int Register, uint Value)> SriovWrites() =>
        [.. Access.Writes.Where(write => write.Target.Value == 0x0100 && write.Offset >= Sriov && write.Offset < Sriov + SriovOffsets.Length)
            .Select(write => (write.Offset - Sriov, write.Value))];

    public void Dispose()
    {
        Device.Dispose();
        Complex.Dispose();
    }

    private static int FindSriov(ConfigSpace config)
    {
        int at = 0x100;
        while (at != 0 && (ushort)config.ReadDword(at) != 0x10)
            at = (int)(config.ReadDword(at) >> 20);
        return at;
    }
}
