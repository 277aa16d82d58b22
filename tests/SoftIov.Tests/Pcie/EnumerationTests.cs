using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>The root complex served whole: a plain model of Linux finds, numbers, opens and resets it.</summary>
public class EnumerationTests
{
    [Theory]
    [InlineData(1, 8, true)]
    [InlineData(1, 8, false)]
    [InlineData(1, 600, true)]
    [InlineData(1, 600, false)]
    [InlineData(3, 100, true)]
    [InlineData(3, 100, false)]
    [InlineData(1, 0, true)]
    public void Linux_finds_every_function_and_reaches_its_memory(int physicals, int totalVfs, bool ari)
    {
        using Bare bare = new(physicals, totalVfs);
        LinuxEnumeration linux = new(bare.Complex, ari);
        linux.Scan();
        Assert.Equal(Enumerable.Range(0x100, physicals), linux.Functions.Select(function => (int)function.Id.Value));
        Assert.All(linux.Functions, function => Assert.Equal(0x0010_1B36u, function.Read32(0)));
        Dictionary<ulong, byte> written = [];
        foreach (ConfigPort pf in linux.Functions)
        {
            if (totalVfs == 0)
                continue;
            List<ConfigPort> vfs = linux.EnableVfs(pf, totalVfs);
            Assert.Equal(totalVfs, vfs.Count);
            for (int vf = 0; vf < totalVfs; vf++)
            {
                foreach (int bar in (int[])[0, 2])
                    written.Add(LinuxEnumeration.VfBar(pf, vf, bar) + 0x20, (byte)(written.Count * 7));
            }
        }

        byte[] one = new byte[1];
        foreach ((ulong address, byte value) in written)
            Assert.True(bare.Complex.WriteMemory(address, [value]), $"{address:x}");
        foreach ((ulong address, byte value) in written)
        {
            Assert.True(bare.Complex.ReadMemory(address, one));
            Assert.Equal(value, one[0]);
        }
    }

    [Fact]
    public void After_a_secondary_bus_reset_Linux_gets_its_vfs_back()
    {
        using Bare bare = new(1, 300);
        LinuxEnumeration linux = new(bare.Complex);
        linux.Scan();
        ConfigPort pf = linux.Functions[0];
        List<ConfigPort> vfs = linux.EnableVfs(pf, 300);
        ulong address = LinuxEnumeration.VfBar(pf, 299, 0);
        bare.Complex.WriteMemory(address, [0x5A]);
        IEndpoint old = bare.Device.Vf(0, 299)!.Endpoint;
        linux.ResetSecondaryBus(pf);
        Assert.False(old.IsPresent);
        byte[] one = new byte[1];
        Assert.True(bare.Complex.ReadMemory(address, one));
        Assert.Equal(0, one[0]);
        Assert.Equal(0x0010_0000u, vfs[299].Read32(4));
        Assert.Equal(vfs[299].Id, bare.Device.Vf(0, 299)!.Dma.Requester);
    }

    /// <summary>Intel's VMD driver wipes a bridge from 1Ch to 37h before it scans; a kernel that starts after another finds old numbers.</summary>
    [Fact]
    public void A_used_port_can_be_wiped_and_enumerated_again()
    {
        using Bare bare = new(1, 8);
        LinuxEnumeration first = new(bare.Complex);
        first.Scan();
        first.EnableVfs(first.Functions[0], 8);
        for (int offset = 0x1C; offset < 0x38; offset++)
            first.Port.Write8(offset, 0);
        first.Port.Write16(0x3E, 0x40);
        first.Port.Write16(0x3E, 0);
        LinuxEnumeration second = new(bare.Complex);
        second.Scan();
        Assert.Single(second.Functions);
        Assert.Equal(8, second.EnableVfs(second.Functions[0], 8).Count);
    }

    [Fact]
    public void Two_adapters_below_two_ports_do_not_meet()
    {
        DmaFaultLog faults = new(8);
        using SriovDevice left = Bare.NewDevice("left", 1, 8, faults);
        using SriovDevice right = Bare.NewDevice("right", 1, 8, faults);
        using RootComplex complex = new([left, right], new NativeStateStore(), faults, "rc");
        for (int port = 0; port < 2; port++)
        {
            ConfigPort bridge = new(complex, RootComplex.PortId(port));
            Assert.Equal(0x000C_1B36u, bridge.Read32(0));
            bridge.Write32(0x18, (uint)((port + 1) << 8 | (port + 1) << 16));
            bridge.Write32(0x24, (uint)(port << 20 | port << 4) + 0x1000_1000);
            bridge.Write16(4, 6);
            ConfigPort pf = new(complex, new((ushort)((port + 1) << 8)));
            pf.WriteBar(0x10, 0, BarKind.Memory64Prefetchable, 0x1000_0000ul + (ulong)port * 0x10_0000);
            pf.Write16(4, 2);
        }

        Assert.Equal((0x0100, 0x0200), (left.RequesterOf(0).Value, right.RequesterOf(0).Value));
        Assert.True(complex.WriteMemory(0x1000_0000, [1]));
        Assert.True(complex.WriteMemory(0x1010_0000, [2]));
        byte[] one = new byte[1];
        left.Engines[0].Physical.Endpoint.ReadBar(0, 0, one);
        Assert.Equal(1, one[0]);
        right.Engines[0].Physical.Endpoint.ReadBar(0, 0, one);
        Assert.Equal(2, one[0]);

        // A message with the other adapter's routing id does not pass this one's port.
        RecordingSignal signal = new();
        complex.Interrupts = signal;
        ((IMessageSignal)left).Send(new InterruptMessage(new(0x0200), 0xFEE0_0000, 0));
        Assert.Empty(signal.Messages);
        Assert.True(faults.TryTake(out DmaFault fault));
        Assert.Equal(DmaFaultReason.InterruptSourceMismatch, fault.Reason);
    }

    private sealed class Bare : IDisposable
    {
        public Bare(int physicals, int totalVfs)
        {
            DmaFaultLog faults = new(8);
            Device = NewDevice("net", physicals, totalVfs, faults);
            Complex = new RootComplex([Device], new NativeStateStore(), faults, "rc");
        }

        public SriovDevice Device { get; }

        public RootComplex Complex { get; }

        public static SriovDevice NewDevice(string name, int physicals, int totalVfs, DmaFaultLog faults) => new(
            [.. Enumerable.Range(0, physicals).Select(pf => new PhysicalFunctionParts(
                $"{name}{pf}", vf => $"{name}{pf}/{vf}", new RegisterPersonality(RegisterPersonality.Describe(0x0010)), new RegisterFactory(),
                totalVfs))],
            new SriovDeviceOptions
            {
                State = new NativeStateStore(),
                Quiescence = new NoPollers(),
                Faults = faults,
                Time = new VirtualClock(),
            });

        public void Dispose()
        {
            Device.Dispose();
            Complex.Dispose();
        }
    }
}
