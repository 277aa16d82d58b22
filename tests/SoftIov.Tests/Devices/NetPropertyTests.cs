using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Random drivers: mostly valid ones against a model, and wild ones against their neighbours.</summary>
public class NetPropertyTests
{
    private static readonly VirtioFeature[] Rings =
        [RingKind.Split, RingKind.SplitEvents, RingKind.SplitInOrder, RingKind.Packed, RingKind.PackedEvents, RingKind.PackedInOrder];

    private static readonly ulong[] Groups = [0x0100_5E00_0001, 0x0100_5E00_0002, 0x3333_0000_0001];

    [Fact]
    public void Device_and_model_agree_on_every_buffer() =>
        Prop.ForAll<int>(seed => new ModelRun(new Random(seed)).Agrees()).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void A_wild_driver_hurts_nobody_else() =>
        Prop.ForAll<int>(seed => Wild(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    /// <summary>Rings of a function full of random bytes that are often nearly right; its memory lies between guards.</summary>
    private static bool Wild(Random random)
    {
        const int Guard = 1 << 16;
        const int Size = 1 << 18;
        const ulong Iova = 0x20_0000;
        var vswitch = new VirtualSwitch(TimeProvider.System);
        using var host = new NativeHostMemory(Size + (2 * Guard));
        host.Bytes.Fill(0x5A);
        using var wild = new NetEndpoint(vswitch: vswitch, function: 1);
        wild.Dma.Map(Iova, Size, DmaAccess.Read | DmaAccess.Write, host, Guard);
        using Guest a = Quiet(vswitch, 2);
        using Guest b = Quiet(vswitch, 3);
        for (int round = 0; round < 4; round++)
        {
            VirtioFeature rings = Rings[random.Next(Rings.Length)];
            wild.Negotiate((VirtioFeatures)(rings | VirtioFeature.CtrlVq | VirtioFeature.CtrlRx | VirtioFeature.MrgRxbuf | VirtioFeature.Csum));
            Scribble(random, host.Bytes.Slice(Guard, Size), Iova, (rings & VirtioFeature.RingPacked) != 0);
            for (int queue = 0; queue < 3; queue++)
            {
                ulong area = Iova + (ulong)(queue * 0x4000);
                wild.SetQueue(queue, new VirtqueueLayout(32, area, area + 0x1000, area + 0x2000));
            }

            wild.Status = 15;
            for (int i = 0; i < 5; i++)
            {
                wild.Settle();
                wild.Context.NowTicks += TimeProvider.System.TimestampFrequency;
                a.Send(TestFrame.Plain(MacAddress.Broadcast, a.Mac, 60 + random.Next(1000)));
                byte[] frame = TestFrame.Plain(b.Mac, a.Mac, 60 + random.Next(1000));
                a.Send(frame);
                Assert.True(b.Receive(out _) is { }, "the broadcast arrives");
                byte[]? received = b.Receive(out _);
                while (received is not null && !received.AsSpan().SequenceEqual(frame))
                    received = b.Receive(out _);
                Assert.NotNull(received);
            }

            b.ReceiveAll();
            a.ReceiveAll();
        }

        Assert.Equal(-1, host.Bytes[..Guard].IndexOfAnyExcept((byte)0x5A));
        Assert.Equal(-1, host.Bytes[(Guard + Size)..].IndexOfAnyExcept((byte)0x5A));
        return a.IsHealthy && b.IsHealthy;
    }

    private static Guest Quiet(VirtualSwitch vswitch, int function) =>
        new(vswitch, function, new NetDriverOptions { Features = RingKind.Basic, RingSize = 256 });

    private static void Scribble(Random random, Span<byte> memory, ulong iova, bool packed)
    {
        memory.Clear();
        for (int queue = 0; queue < 3; queue++)
        {
            Span<byte> area = memory[(queue * 0x4000)..];
            Span<DriverDescriptor> descriptors = MemoryMarshal.Cast<byte, DriverDescriptor>(area[..(32 * 16)]);
            for (int i = 0; i < 32; i++)
                descriptors[i] = Descriptor(random, iova, packed);
            Span<ushort> available = MemoryMarshal.Cast<byte, ushort>(area.Slice(0x1000, 70));
            for (int i = 2; i < 35; i++)
                available[i] = (ushort)(random.Next(20) == 0 ? random.Next(65536) : random.Next(32));
            available[1] = packed ? (ushort)random.Next(3) : (ushort)(random.Next(10) == 0 ? random.Next(65536) : random.Next(33));
        }

        random.NextBytes(memory[0x10000..]);
    }

    private static DriverDescriptor Descriptor(Random random, ulong iova, bool packed)
    {
        ulong address = random.Next(12) == 0 ? (ulong)random.NextInt64() : iova + (ulong)random.Next(1 << 18);
        uint length = random.Next(12) == 0 ? (uint)random.Next() : (uint)random.Next(1, 600);
        ushort flags = (ushort)(random.Next(2) | random.Next(2) << 1 | (random.Next(8) == 0 ? 4 : 0));
        ushort other = (ushort)(random.Next(12) == 0 ? random.Next(65536) : random.Next(32));
        return packed
            ? new DriverDescriptor(address, length, other, (ushort)(flags | (random.Next(6) == 0 ? 0 : DriverDescriptor.Available)))
            : new DriverDescriptor(address, length, flags, other);
    }

    /// <summary>One sender, one receiver, both with rings worked by hand, and the model of the receiver.</summary>
    private sealed class ModelRun(Random random)
    {
        private const int RingSize = 64;
        private const int HeaderLength = 12;
        private static readonly MacAddress Own = TestFrame.Mac(2);

        private readonly VirtioFeature _rings = Rings[random.Next(Rings.Length)];
        private readonly bool _isMergeable = random.Next(2) == 0;
        private readonly Dictionary<ushort, DriverBuffer[]> _receiveChains = [];
        private readonly List<string> _story = [];
        private int _malformed;
        private int _lost;
        private ushort _nextToken;

        public bool Agrees()
        {
            var vswitch = new VirtualSwitch(TimeProvider.System);
            VirtioFeature features = RingKind.Basic | _rings;
            VirtioFeature control = VirtioFeature.CtrlVq | VirtioFeature.CtrlRx | VirtioFeature.CtrlRxExtra | VirtioFeature.CtrlVlan;
            using var sender = new Guest(vswitch, 1, Options(features));
            using var receiver = new Guest(
                vswitch, 2, Options(features | control | (_isMergeable ? VirtioFeature.MrgRxbuf : 0)));
            DriverVirtqueue ring = receiver.Driver.Pairs[0].Receive;
            receiver.Driver.Transport.ResetQueue(0);
            ring.Reset();
            receiver.Driver.Transport.EnableQueue(0, ring);
            var model = new NetModel(Own, _isMergeable, HeaderLength);
            for (int step = 0; step < 60; step++)
            {
                switch (random.Next(4))
                {
                    case 0:
                        Offer(receiver, ring, model);
                        break;
                    case 1:
                        Command(receiver, model);
                        break;
                    default:
                        Send(sender, model);
                        break;
                }

                Compare(receiver, ring, model);
            }

            Assert.Equal(_malformed, sender.Counters.TransmitMalformed);
            Assert.Equal(_lost, receiver.Counters.ReceiveNoBuffer);
            return sender.IsHealthy && receiver.IsHealthy;
        }

        private static NetDriverOptions Options(VirtioFeature features) => new()
        {
            Features = features | VirtioFeature.RingReset, RingSize = RingSize, TransmitBufferSize = 4096,
        };

        private void Offer(Guest receiver, DriverVirtqueue ring, NetModel model)
        {
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int[] sizes = new int[random.Next(1, 5)];
                for (int part = 0; part < sizes.Length; part++)
                    sizes[part] = random.Next(5) == 0 ? random.Next(1, 12) : random.Next(12, 900);
                var parts = Array.ConvertAll(sizes, size => new DriverBuffer(Room(receiver.Memory, size), (uint)size));
                ushort token = (ushort)(_nextToken++ & 0x7FFF);
                bool isIndirect = (_rings & VirtioFeature.IndirectDesc) != 0 && random.Next(2) == 0;
                if (!(isIndirect ? ring.TryAddIndirect([], parts, token) : ring.TryAddChain([], parts, token)))
                    break;

                _receiveChains[token] = parts;
                model.Buffers.Enqueue((token, sizes.Sum()));
                _story.Add($"offer {token}: {string.Join('+', sizes)}");
            }

            ring.Publish();
        }

        /// <summary>Buffers are never taken back: a run is short and there is room for all.</summary>
        private static ulong Room(DriverMemory memory, int size) => memory.Allocate(size, alignment: 1);

        private void Command(Guest receiver, NetModel model)
        {
            int kind = random.Next(8);
            bool isOn = random.Next(2) == 0;
            if (kind < 6)
            {
                Assert.Equal(0, receiver.Command(0, (byte)kind, (byte)(isOn ? 1 : 0)));
                model.SetMode(kind, isOn);
            }
            else if (kind == 6)
            {
                ulong[] groups = [.. Groups.Where(_ => random.Next(2) == 0)];
                byte[] table = [0, 0, 0, 0, (byte)groups.Length, 0, 0, 0, .. groups.SelectMany(group => BitConverter.GetBytes(group)[..6].Reverse())];
                Assert.Equal(0, receiver.Command(1, 0, table));
                model.SetGroups(groups);
            }
            else
            {
                int vlan = random.Next(1, 4);
                Assert.True(receiver.Driver.SetVlan((ushort)vlan, isOn));
                model.SetVlan(vlan, isOn);
            }

            _story.Add($"command {kind} {isOn}");
        }

        private void Send(Guest sender, NetModel model)
        {
            int length = random.Next(8) == 0 ? random.Next(0, 14) : random.Next(14, 1514);
            MacAddress destination = RandomDestination();
            int vlan = length < 18 || random.Next(3) > 0 ? 0 : random.Next(1, 4);
            byte[] frame = new byte[length];
            random.NextBytes(frame);
            if (length >= 14)
            {
                frame = TestFrame.Plain(destination, sender.Mac, vlan == 0 ? length : length - 4);
                frame = vlan == 0 ? frame : TestFrame.Tagged(frame, vlan);
            }

            bool isSpoofed = length >= 14 && random.Next(10) == 0;
            if (isSpoofed)
                frame[11] ^= 0xFF;
            _story.Add($"send {length} to {destination} vlan {vlan} spoofed {isSpoofed}");
            sender.Send(frame);
            _malformed += length < 14 ? 1 : 0;
            if (length >= 14 && !isSpoofed && model.Wants(destination, vlan) && !model.Deliver(frame))
                _lost++;
        }

        private MacAddress RandomDestination() => random.Next(8) switch
        {
            0 => MacAddress.Broadcast,
            1 or 2 => new MacAddress(Groups[random.Next(Groups.Length)]),
            3 => TestFrame.Mac(77),
            4 => TestFrame.Mac(1),
            _ => Own,
        };

        private void Compare(Guest receiver, DriverVirtqueue ring, NetModel model)
        {
            Span<UsedBuffer> used = stackalloc UsedBuffer[RingSize];
            int count = ring.Collect(used);
            Assert.True(count == model.Used.Count, $"{count} used, {model.Used.Count} expected: {string.Join("; ", _story)}");
            int buffersLeft = 0;
            for (int i = 0; i < count; i++)
            {
                (ushort token, int written, byte[] data) = model.Used[i];
                Assert.Equal(token, used[i].Token);
                Assert.Equal((uint)written, used[i].Length);
                byte[] bytes = Bytes(receiver.Memory, _receiveChains[token])[..written];
                Assert.Equal(data, bytes[(written - data.Length)..]);
                if (buffersLeft > 0)
                    buffersLeft--;
                else if (written > 0)
                    buffersLeft = BitConverter.ToUInt16(bytes, 10) - 1;
            }

            Assert.Equal(0, buffersLeft);
            model.Used.Clear();
        }

        private static byte[] Bytes(DriverMemory memory, DriverBuffer[] chain) =>
            [.. chain.SelectMany(part => memory.Span(part.Address, (int)part.Length).ToArray())];
    }
}
