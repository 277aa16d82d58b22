using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>Makes one random access after another, mostly to registers where something can happen.</summary>
internal sealed class RegisterTraffic(Fabric fabric, Random random, bool touchesPort)
{
    private static readonly int[] SriovRegisters =
    [
        SriovOffsets.Control, SriovOffsets.NumVfs, SriovOffsets.SystemPageSize, SriovOffsets.VfBars, SriovOffsets.VfBars + 4,
    ];

    private readonly byte[] _bytes = new byte[24];
    private uint[][] _physical = [];
    private uint[] _virtual = [];

    /// <summary>Takes what may not change as it is now.</summary>
    public void RememberConstants()
    {
        _physical = [.. Enumerable.Range(0, fabric.Physicals.Length).Select(PhysicalConstants)];
        ConfigPort vf = fabric.Vf(0, 1);
        _virtual = WritableBits.Constants(vf, WritableBits.OfVirtual(vf));
    }

    /// <summary>Nothing of that moved; what all VFs read alike they still do.</summary>
    public void AssertConstants()
    {
        for (int pf = 0; pf < fabric.Physicals.Length; pf++)
        {
            Assert.Equal(_physical[pf], PhysicalConstants(pf));
            for (int vf = 0; fabric.Device.Vf(pf, vf) is not null && vf < 3; vf++)
            {
                ConfigPort port = fabric.Vf(vf, pf);
                Assert.Equal(_virtual, WritableBits.Constants(port, WritableBits.OfVirtual(port)));
            }
        }
    }

    /// <summary>One access, or one event.</summary>
    public void Step()
    {
        switch (random.Next(12))
        {
            case < 6:
                WriteConfig();
                break;
            case 6:
                ReadConfig();
                break;
            case 7:
                AccessMemory();
                break;
            case 8 or 9:
                AccessEndpoint();
                break;
            case 10:
                Interrupt();
                break;
            default:
                Disturb();
                break;
        }
    }

    private uint[] PhysicalConstants(int pf) => WritableBits.Constants(fabric.Pf(pf), WritableBits.OfPhysical(fabric.Pf(pf)));

    private RequesterId Target() => random.Next(touchesPort ? 5 : 4) switch
    {
        0 or 1 => fabric.Pf(random.Next(fabric.Physicals.Length)).Id,
        2 => fabric.VfId(random.Next(8), random.Next(fabric.Physicals.Length)),
        3 => new((ushort)(0x100 + random.Next(0x300))),
        _ => RootComplex.PortId(0),
    };

    private int Offset(RequesterId target)
    {
        int sriov = fabric.Sriov();
        return random.Next(4) switch
        {
            0 or 1 when target.Value is 0x100 or 0x101 && sriov != 0 => sriov + SriovRegisters[random.Next(SriovRegisters.Length)],
            0 => 4 + random.Next(4),
            1 => random.Next(0x40, 0xA0),
            2 => random.Next(0x100),
            _ => random.Next(-8, ConfigSpace.Size + 8),
        };
    }

    private uint Value() => random.Next(5) switch
    {
        0 => 0,
        1 => uint.MaxValue,
        2 => (uint)random.Next(64),
        3 => 1u << random.Next(32),
        _ => (uint)random.NextInt64(1L << 32),
    };

    private void WriteConfig()
    {
        RequesterId target = Target();
        fabric.Complex.Write(target, Offset(target), random.Next(1, 5), Value());
    }

    private void ReadConfig()
    {
        RequesterId target = Target();
        int width = random.Next(1, 5);
        uint value = fabric.Complex.Read(target, Offset(target), width);
        Assert.InRange(value, 0u, uint.MaxValue >> (8 * (4 - width)));
    }

    private void AccessMemory()
    {
        ulong address = random.Next(4) switch
        {
            0 => Fabric.PfBar0,
            1 => Fabric.PfBar2,
            2 => Fabric.InVf(random.Next(10), pf: random.Next(2)),
            _ => (ulong)random.NextInt64(),
        };
        Span<byte> bytes = _bytes.AsSpan(0, random.Next(_bytes.Length));
        address += (ulong)random.Next(0x4010);
        if (random.Next(2) == 0)
            fabric.Complex.ReadMemory(address, bytes);
        else
            fabric.Complex.WriteMemory(address, bytes);
    }

    private void AccessEndpoint()
    {
        int pf = random.Next(fabric.Physicals.Length);
        IEndpoint? endpoint = random.Next(2) == 0
            ? fabric.Device.Engines[pf].Physical.Endpoint
            : fabric.Device.Vf(pf, random.Next(8))?.Endpoint;
        if (endpoint is null)
            return;
        random.NextBytes(_bytes);
        Span<byte> bytes = _bytes.AsSpan(0, random.Next(_bytes.Length));
        switch (random.Next(5))
        {
            case 0:
                endpoint.WriteConfig(random.Next(ConfigSpace.Size), bytes);
                break;
            case 1:
                endpoint.WriteBar(random.Next(6), (ulong)random.Next(0x4000), bytes);
                break;
            case 2:
                endpoint.ReadBar(random.Next(6), (ulong)random.Next(0x4000), bytes);
                break;
            case 3:
                endpoint.WriteConfig(4, [(byte)random.Next(256), (byte)random.Next(256)]);
                break;
            default:
                endpoint.Reset();
                break;
        }

        Assert.NotEqual(0xFFFF, endpoint.Read16(0));
    }

    private void Interrupt()
    {
        int pf = random.Next(fabric.Physicals.Length);
        if (fabric.Factories[pf].Made.TryGetValue(random.Next(8), out RegisterPersonality? vf))
        {
            vf.Function.Fire(random.Next(8));
            vf.Function.UpdateIntx();
            vf.TryDma((ulong)random.Next(0x1000), 1);
        }
    }

    private void Disturb()
    {
        int pf = random.Next(fabric.Physicals.Length);
        switch (random.Next(4))
        {
            case 0:
                fabric.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(300)));
                break;
            case 1 when fabric.Device.Vf(pf, random.Next(8)) is { } vf:
                fabric.Device.LogError(vf, UncorrectableError.CompletionTimeout);
                break;
            case 2:
                fabric.Device.LogError(fabric.Device.Engines[pf].Physical, UncorrectableError.PoisonedTlp);
                break;
            case 3 when random.Next(10) == 0:
                fabric.Device.HotReset();
                fabric.Pf().Write16(0x3C, 0);
                break;
        }
    }
}
