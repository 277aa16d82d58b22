using System.Buffers.Binary;
using SoftIov.Datapath;
using Xunit;

namespace SoftIov.Tests.Datapath;

public class CaptureTests
{
    private readonly SwitchSetup _setup = new();

    [Fact]
    public void A_watched_port_shows_what_it_sent_and_got_as_the_function_sees_it()
    {
        SwitchPort a = _setup.AddVf(1, VfPolicy.Default with { Vlan = 7 });
        SwitchPort b = _setup.AddVf(2);
        var ring = new CaptureRing(TimeProvider.System);
        a.Capture = ring;
        byte[] there = TestFrame.Plain(b.MacAddress, a.MacAddress, length: 99);
        byte[] back = TestFrame.Plain(a.MacAddress, b.MacAddress, length: 120);
        _setup.Send(a, there);
        _setup.Send(b, TestFrame.Tagged(back, 7), back);

        Assert.Equal((CaptureDirection.Sent, Convert.ToHexString(there)), Next(ring));
        Assert.Equal((CaptureDirection.Received, Convert.ToHexString(back)), Next(ring));
        Assert.False(ring.TryRead(new byte[ring.SnapLength], out _));

        a.Capture = null;
        _setup.Send(a, there);
        Assert.False(ring.TryRead(new byte[ring.SnapLength], out _));
    }

    [Fact]
    public void A_full_ring_drops_and_counts_and_goes_on_after_reading()
    {
        SwitchPort a = _setup.AddVf(1);
        var ring = new CaptureRing(TimeProvider.System, capacity: 4, snapLength: 64);
        a.Capture = ring;
        byte[] frame = TestFrame.Plain(TestFrame.Mac(9), a.MacAddress, length: 100);
        for (int round = 1; round <= 3; round++)
        {
            _setup.Send(a, frame, frame, frame, frame, frame, frame);
            Assert.Equal(2 * round, ring.Dropped);
            byte[] bytes = new byte[64];
            for (int i = 0; i < 4; i++)
            {
                Assert.True(ring.TryRead(bytes, out CapturedFrame captured));
                Assert.Equal((100, 64), (captured.Length, captured.CapturedLength));
                Assert.Equal(frame[..64], bytes);
            }
        }
    }

    [Fact]
    public void Several_pollers_may_write_into_one_ring()
    {
        const int Count = 400;
        var ring = new CaptureRing(TimeProvider.System, capacity: 1024, snapLength: 64);
        Parallel.For(0, 2, writer =>
        {
            var setup = new SwitchSetup();
            SwitchPort port = setup.AddVf(writer + 1);
            port.Capture = ring;
            for (int i = 0; i < Count; i++)
            {
                setup.Send(port, TestFrame.Plain(TestFrame.Mac(9), port.MacAddress));
            }
        });
        var scratch = new byte[64];
        var sources = new Dictionary<byte, int>();
        while (ring.TryRead(scratch, out _))
        {
            sources[scratch[11]] = sources.GetValueOrDefault(scratch[11]) + 1;
        }

        Assert.Equal((Count, Count), (sources[1], sources[2]));
    }

    [Fact]
    public void The_file_has_the_layout_of_nanosecond_pcap()
    {
        SwitchPort a = _setup.AddVf(1);
        var ring = new CaptureRing(TimeProvider.System);
        a.Capture = ring;
        byte[] frame = TestFrame.Plain(TestFrame.Mac(9), a.MacAddress, length: 70);
        _setup.Send(a, frame, frame);
        using var file = new MemoryStream();
        var writer = new PcapWriter(file, ring.SnapLength);
        Assert.Equal(2, writer.WriteAll(ring, new byte[ring.SnapLength]));

        byte[] bytes = file.ToArray();
        Assert.Equal("4D3CB2A1020004000000000000000000" + "00080000" + "01000000", Convert.ToHexString(bytes[..24]));
        Assert.Equal(24 + (2 * (16 + 70)), bytes.Length);
        long seconds = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(24));
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds, 0, 60);
        Assert.InRange(BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(28)), 0u, 999_999_999u);
        Assert.Equal("4600000046000000", Convert.ToHexString(bytes[32..40]));
        Assert.Equal(frame, bytes[40..110]);
    }

    private static (CaptureDirection Direction, string Bytes) Next(CaptureRing ring)
    {
        byte[] bytes = new byte[ring.SnapLength];
        Assert.True(ring.TryRead(bytes, out CapturedFrame frame));
        return (frame.Direction, Convert.ToHexString(bytes.AsSpan(0, frame.CapturedLength)));
    }
}
