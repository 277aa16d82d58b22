using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Tests.Datapath;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Uplinks;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>
/// A switch with a recording function port, VF 1, and an uplink into a network namespace of its own. The test is the poller.
/// </summary>
internal sealed class UplinkSetup : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<ScratchMemory> _sent = [];
    private readonly FrameBatch _batch = new();
    private readonly PollContext _context = new();
    private readonly Uplinks _uplinks;

    public UplinkSetup()
    {
        _uplinks = Host.Run(() => new Uplinks());
        Vf = Switch.AddFunctionPort(1, VfPolicy.Physical, TestFrame.Mac(1));
        Vf.Mtu = 9000;
        Vf.Connect(Receiver);
    }

    /// <summary>The host the uplink is on.</summary>
    public NetworkNamespace Host { get; } = new();

    public VirtualSwitch Switch { get; } = new(TimeProvider.System);

    public SwitchPort Vf { get; }

    /// <summary>What VF 1 received.</summary>
    public RecordingPort Receiver { get; } = new();

    public IUplink Uplink { get; private set; } = null!;

    public SwitchPort UplinkPort => Uplink.Port!;

    /// <summary>Opens an uplink in the namespace, which the test disposes of.</summary>
    public IUplink OpenAlone(UplinkOptions options) => Host.Run(() => _uplinks.Open(options));

    /// <summary>Opens the uplink and connects it.</summary>
    public void Open(UplinkOptions options)
    {
        Uplink = OpenAlone(options);
        Uplink.Port = Switch.AddUplinkPort(Uplink);
        Uplink.CarrierChanged += Switch.SetUplinkCarrier;
        Switch.SetUplinkCarrier(Uplink.HasCarrier);
    }

    /// <summary>Polls as a poller does until something is so; fails when it does not come to be.</summary>
    public void PollUntil(Func<bool> isSo, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, what);
            if (Uplink.Poll(_context) == 0)
            {
                PollDescriptor.WaitReadable(Uplink.Readable!, TimeSpan.FromMilliseconds(5));
            }
        }
    }

    public int PollOnce() => Uplink.Poll(_context);

    /// <summary>Takes what waits, and forgets it: hosts send of their own accord.</summary>
    public void Drain()
    {
        while (Uplink.Poll(_context) > 0)
        {
        }

        Receiver.Frames.Clear();
        Receiver.Offloads.Clear();
    }

    /// <summary>Waits for a frame that VF 1 received.</summary>
    public byte[] WaitFor(Predicate<byte[]> wanted)
    {
        PollUntil(() => Receiver.Frames.Exists(wanted), "no such frame came");
        return Receiver.Frames.Find(wanted)!;
    }

    /// <summary>Sends frames from VF 1, each in two segments.</summary>
    public void Send(FrameOffload offload, params byte[][] frames)
    {
        foreach (byte[] bytes in frames)
        {
            var memory = new ScratchMemory(bytes.Length);
            bytes.CopyTo(memory.Span);
            _sent.Add(memory);
            int cut = bytes.Length * 2 / 3;
            Assert.True(_batch.TryAdd([memory.Segment(0, cut), memory.Segment(cut, bytes.Length - cut)], 0, bytes.Length, offload));
        }

        Vf.Transmit(_batch, 0);
        _batch.Clear();
        _sent.Clear();
    }

    /// <summary>Sends a frame whose buffers are of so many bytes each.</summary>
    public void SendInPieces(byte[] frame, int bytes)
    {
        var memory = new ScratchMemory(frame.Length);
        frame.CopyTo(memory.Span);
        Segment[] pieces = [.. Enumerable.Range(0, frame.Length / bytes).Select(i => memory.Segment(i * bytes, bytes))];
        Assert.True(_batch.TryAdd(pieces, 0, frame.Length, default));
        Vf.Transmit(_batch, 0);
        _batch.Clear();
    }

    public void Send(params byte[][] frames) => Send(default(FrameOffload), frames);

    public void Dispose()
    {
        Uplink?.Dispose();
        _uplinks.Dispose();
        Host.Dispose();
    }

    public static bool IsType(byte[] frame, ushort etherType) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) == etherType;
}
