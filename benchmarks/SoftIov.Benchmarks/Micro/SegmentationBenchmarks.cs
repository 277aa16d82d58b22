using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using SoftIov.Benchmarks.Net;
using SoftIov.Datapath;

namespace SoftIov.Benchmarks.Micro;

/// <summary>64 KiB cut into segments of 1448 bytes for a receiver that wants them so; in ns for a segment.</summary>
public class SegmentationBenchmarks
{
    private const int SegmentBytes = 1448;
    private const int Segments = 46;
    private const int Transport = 34;
    private const byte ProtocolUdp = 17;

    private readonly FrameBatch _tcp = new();
    private readonly FrameBatch _udp = new();
    private readonly Segmentation _segmentation = new();

    [GlobalSetup]
    public void Fill()
    {
        var frames = new MicroFrames(2 * NetFrame.LargeSize);
        byte[] frame = NetFrame.Make(NetFrame.LargeSize, asksForChecksum: true, 0, 1, out _);
        Add(_tcp, frames, frame, GsoType.TcpV4, 16);
        frame[23] = ProtocolUdp;
        frame.AsSpan(Transport, HeaderLayout.UdpHeaderSize).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(Transport + 4), (ushort)(frame.Length - Transport));
        Add(_udp, frames, frame, GsoType.UdpL4, 6);
    }

    /// <summary>With checksums done.</summary>
    [Benchmark(OperationsPerInvoke = Segments)]
    public int Tcp() => Cut(_tcp, OffloadSet.None);

    /// <summary>Headers only: the receiver takes checksums over.</summary>
    [Benchmark(OperationsPerInvoke = Segments)]
    public int TcpChecksumsLeft() => Cut(_tcp, OffloadSet.Checksum);

    [Benchmark(OperationsPerInvoke = Segments)]
    public int Udp() => Cut(_udp, OffloadSet.None);

    private int Cut(FrameBatch batch, OffloadSet accepted)
    {
        int segments = 0;
        _segmentation.Start(batch, 0, accepted);
        while (_segmentation.Fill())
        {
            segments += _segmentation.Output.Count;
            _segmentation.Output.Clear();
        }

        return segments;
    }

    private static void Add(FrameBatch batch, MicroFrames frames, byte[] frame, GsoType gso, ushort checksumOffset)
    {
        var request = new FrameOffload
        {
            NeedsChecksum = true,
            ChecksumStart = Transport,
            ChecksumOffset = checksumOffset,
            Gso = gso,
            GsoSize = SegmentBytes,
        };
        batch.TryAdd(frames.Add(frame), 0, request);
        if (!OffloadRequest.TryNormalise(batch, 0))
            throw new InvalidOperationException("The request is not one.");
    }
}
