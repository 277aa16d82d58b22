using SoftIov.Api;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>
/// Policy of VFs that DPDK drives, judged by what comes out at the other side: testpmd sends a mixture of frames by one VF, again and again, and
/// writes what its driver takes from the rings of the other. The switch's own capture of that VF must show the same.
/// </summary>
[Collection(Bed.BedCollection.Name)]
public sealed class DpdkPolicyTests
{
    private const string FirstMac = "52:54:00:00:00:10";
    private const string SecondMac = "52:54:00:00:00:11";
    private const string ForeignMac = "52:54:00:99:99:99";
    private const int Vlan = 100;
    private const int FrameLength = 60;
    private const int AddressesLength = 12;
    private const ushort TagType = 0x8100;
    private const ushort LocalType = 0x88B5;

    /// <summary>Of the mixture, so that what is let through is among it many times.</summary>
    private const int CapturedFrames = 200;

    /// <summary>10 Mbit/s: the files stay small, and nothing is lost for want of buffers.</summary>
    private const int Megabits = 10;

    private enum Kind
    {
        Plain = 1,
        Tagged,
        Spoofed,
        Stray,
    }

    [Theory]
    [InlineData("packed_vq=0")]
    [InlineData("packed_vq=1")]
    public async Task What_policy_stops_never_comes_out_and_a_port_vlan_is_seen_by_nobody(string rings)
    {
        await using DaemonProcess daemon = await DaemonProcess.StartAsync(
            "adapters: [{name: net0, totalVfs: 4, numVfs: 2, queuePairs: 1, allowUnsealedMemory: true, vfs: {" +
            $"0: {{transport: vhost-user, mac: '{FirstMac}', max_tx_rate: {Megabits}}}, 1: {{transport: vhost-user, mac: '{SecondMac}'}}}}}}]");
        await ExpectAsync(daemon, rings, "Plain", "Tagged in 100");
        NetCounters counters = (await daemon.GetAsync("net0/0")).Counters;
        Assert.True(counters.SpoofDropped > 0);
        Assert.Equal(0, counters.VlanDropped);

        // A port of the VLAN takes the tag off what comes from a trunk, and has nothing to do with what is in none.
        await daemon.CheckAsync("set", "net0/1", $"vlan={Vlan}");
        await ExpectAsync(daemon, rings, "Tagged");

        // Two ports of the VLAN: tags are the switch's own, and a guest may bring none.
        await daemon.CheckAsync("set", "net0/0", $"vlan={Vlan}");
        await ExpectAsync(daemon, rings, "Plain");
        Assert.True((await daemon.GetAsync("net0/0")).Counters.VlanDropped > 0);

        // The tag that the switch put on a frame is seen where the VLAN is a trunk's.
        await daemon.CheckAsync("set", "net0/1", "vlan=0");
        await ExpectAsync(daemon, rings, "Plain in 100");

        // What was looked for in vain above would have been seen.
        await daemon.CheckAsync("set", "net0/0", "vlan=0", "spoofchk=off");
        await ExpectAsync(daemon, rings, "Plain", "Spoofed", "Tagged in 100");

        // Another address of the VF makes all of the others foreign.
        await daemon.CheckAsync("set", "net0/0", "spoofchk=on", $"mac={ForeignMac}");
        await ExpectAsync(daemon, rings, "Spoofed");
    }

    private static async Task ExpectAsync(DaemonProcess daemon, string rings, params string[] expected)
    {
        string sent = Path.Combine(daemon.Folder, "sent.pcap");
        string arrived = Path.Combine(daemon.Folder, "arrived.pcap");
        string captured = Path.Combine(daemon.Folder, "captured.pcap");
        PcapFile.Write(sent, [.. Enum.GetValues<Kind>().Select(Make)]);
        string report = await new TestpmdPorts(daemon, FirstMac, SecondMac).PlayAsync(
            rings, sent, arrived, () => daemon.CheckAsync("capture", "net0/1", "-w", captured, "-c", $"{CapturedFrames}"));
        byte[][] frames = PcapFile.Frames(await File.ReadAllBytesAsync(arrived));
        Assert.True(frames.Length >= CapturedFrames / 2, report);
        Assert.Equal(expected, Kinds(frames));
        Assert.Equal(expected, Kinds(PcapFile.Frames(await File.ReadAllBytesAsync(captured))));
    }

    private static byte[] Make(Kind kind)
    {
        byte[] frame = new byte[FrameLength];
        Convert.FromHexString(Digits(kind == Kind.Stray ? ForeignMac : SecondMac) + Digits(kind == Kind.Spoofed ? ForeignMac : FirstMac))
            .CopyTo(frame, 0);
        byte[] types = kind == Kind.Tagged ? [TagType >> 8, TagType & 0xFF, Vlan >> 8, Vlan & 0xFF] : [];
        types = [.. types, LocalType >> 8, LocalType & 0xFF, (byte)kind];
        types.CopyTo(frame, AddressesLength);
        return frame;
    }

    /// <summary>Which kinds are there, each with the VLAN of its tag if it has one.</summary>
    private static string[] Kinds(byte[][] frames) => [.. frames.Select(Describe).Distinct().Order(StringComparer.Ordinal)];

    private static string Describe(byte[] frame)
    {
        Span<byte> rest = frame.AsSpan(AddressesLength);
        string tag = "";
        if (Word(rest) == TagType)
        {
            tag = $" in {Word(rest[2..]) & 0xFFF}";
            rest = rest[4..];
        }

        Assert.Equal(LocalType, Word(rest));
        return $"{(Kind)rest[2]}{tag}";
    }

    private static int Word(ReadOnlySpan<byte> bytes) => (bytes[0] << 8) | bytes[1];

    private static string Digits(string mac) => mac.Replace(":", "", StringComparison.Ordinal);
}
