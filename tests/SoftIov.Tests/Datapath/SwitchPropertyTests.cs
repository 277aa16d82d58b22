using FsCheck;
using FsCheck.Fluent;
using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>Random ports, policies and frames: the switch and the model must agree on who gets which bytes.</summary>
public class SwitchPropertyTests
{
    private static readonly ulong[] Groups = [0xFFFF_FFFF_FFFF, 0x0100_5E00_0001, 0x3333_0000_0001, 0x0180_C200_000E];
    private static readonly ushort[] Protocols = [EtherType.CustomerTag, EtherType.ServiceTag];
    private static readonly int[] Vlans = [0, 5, 6];

    [Fact]
    public void Switch_and_model_agree()
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(400);
        Prop.ForAll<int>(seed => Agree(new Random(seed))).Check(config);
    }

    private static bool Agree(Random random)
    {
        var setup = new SwitchSetup();
        var models = new List<ModelPort>();
        var ports = new List<SwitchPort>();
        int count = random.Next(2, 6);
        for (int i = 0; i < count; i++)
        {
            ModelPort model = RandomPort(random, i);
            SwitchPort port = setup.AddVf(i, model.Policy with { Mac = model.Mac });
            port.Filter = model.Filter;
            models.Add(model);
            ports.Add(port);
        }

        if (random.Next(3) > 0)
        {
            models.Add(new ModelPort(true, VfPolicy.Physical, ReceiveFilter.AtReset, default));
            ports.Add(setup.AddUplink());
        }

        byte[][] frames = [.. Enumerable.Range(0, random.Next(1, FrameBatch.Capacity)).Select(_ => RandomFrame(random))];
        int sender = random.Next(ports.Count);
        setup.Send(ports[sender], frames);
        var model2 = new SwitchModel(models);
        var expected = ports.ConvertAll(_ => new List<string>());
        foreach (byte[] frame in frames)
        {
            foreach ((int to, byte[] bytes) in model2.Send(sender, frame))
            {
                expected[to].Add(Convert.ToHexString(bytes));
            }
        }

        for (int i = 0; i < ports.Count; i++)
        {
            Assert.Equal(expected[i], setup.Receiver(ports[i]).Frames.ConvertAll(Convert.ToHexString));
            Assert.Equal(expected[i].Count, ports[i].Counters.RxPackets);
        }

        Assert.Equal(frames.Length, ports[sender].Counters.TxPackets + ports[sender].Counters.TxDropped);
        return true;
    }

    private static ModelPort RandomPort(Random random, int index)
    {
        VfPolicy policy = VfPolicy.Default with
        {
            Vlan = (ushort)(random.Next(2) == 0 ? 0 : Vlans[random.Next(3)]),
            Qos = (byte)random.Next(8),
            VlanProtocol = Protocols[random.Next(2)],
            Trunk = random.Next(3) == 0 ? VlanSet.Of(0, 5) : VlanSet.All,
            Trust = random.Next(3) == 0,
            SpoofCheck = random.Next(3) == 0,
            LinkState = random.Next(8) == 0 ? LinkState.Disable : LinkState.Auto,
        };
        var filter = new ReceiveFilter
        {
            Promiscuous = random.Next(4) == 0,
            AllMulticast = random.Next(2) == 0,
            NoMulticast = random.Next(8) == 0,
            NoUnicast = random.Next(8) == 0,
            NoBroadcast = random.Next(8) == 0,
            Multicast = [new MacAddress(Groups[1])],
            Vlans = random.Next(3) == 0 ? VlanSet.Of(6) : null,
        };

        // Addresses may repeat: the first port that is in the VLAN owns them.
        return new ModelPort(false, policy, filter, TestFrame.Mac(random.Next(8) == 0 ? 1 : index + 1));
    }

    private static byte[] RandomFrame(Random random)
    {
        MacAddress to = random.Next(3) == 0 ? new MacAddress(Groups[random.Next(Groups.Length)]) : TestFrame.Mac(random.Next(1, 8));
        byte[] frame = TestFrame.Plain(to, TestFrame.Mac(random.Next(1, 6)), random.Next(60, 200));
        for (int tags = random.Next(3); tags > 0; tags--)
        {
            frame = TestFrame.Tagged(frame, Vlans[random.Next(3)], random.Next(8), Protocols[random.Next(2)]);
        }

        return frame;
    }
}
