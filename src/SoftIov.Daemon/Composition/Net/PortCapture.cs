using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Hosting;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Composition;

/// <summary>Drains what a port's pollers copied and hands it on as pieces of a pcap file, on a thread of the pool.</summary>
internal sealed class PortCapture : IAsyncDisposable
{
    private const int CapacityFrames = 1024;
    private const int RingBudgetBytes = 64 << 20;
    private const int MaximumPiece = 256 << 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly SwitchPort _port;
    private readonly CaptureRing _ring;
    private readonly CaptureSink _sink;
    private readonly CancellationTokenSource _stopping = new();
    private readonly MemoryStream _piece = new();
    private readonly byte[] _scratch;
    private readonly PcapWriter _writer;
    private Task _draining = Task.CompletedTask;

    private PortCapture(SwitchPort port, int snapLength, CaptureSink sink, TimeProvider time)
    {
        _port = port;
        _ring = new CaptureRing(time, CapacityFor(snapLength), snapLength);
        _sink = sink;
        _scratch = new byte[snapLength];
        _writer = new PcapWriter(_piece, snapLength);
    }

    /// <summary>Starts to capture; a port has one capture at a time.</summary>
    public static PortCapture Start(SwitchPort port, TargetName target, int snapLengthBytes, CaptureSink sink, TimeProvider time)
    {
        if (port.Capture is not null)
        {
            throw ControlException.Because(
                ControlErrorCode.InUse, $"{target} is being captured already", "end the other capture first");
        }

        // No frame is longer than the largest segmentation request, so a longer snap length would only cost memory.
        var capture = new PortCapture(port, Math.Clamp(snapLengthBytes, 14, FrameBatch.MaxFrameLength), sink, time);
        port.Capture = capture._ring;
        capture._draining = Task.Run(capture.DrainAsync);
        return capture;
    }

    /// <summary>Stops; the last piece has been handed on when it returns.</summary>
    public async ValueTask DisposeAsync()
    {
        _port.Capture = null;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _draining.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static int CapacityFor(int snapLength)
    {
        int capacity = CapacityFrames;
        while ((long)capacity * snapLength > RingBudgetBytes)
            capacity /= 2;
        return capacity;
    }

    private async Task DrainAsync()
    {
        do
        {
            await SendAsync().ConfigureAwait(false);
            try
            {
                await Task.Delay(Interval, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The last round follows.
            }
        }
        while (!_stopping.IsCancellationRequested);

        await SendAsync().ConfigureAwait(false);
    }

    private async ValueTask SendAsync()
    {
        bool more;
        do
        {
            more = Collect();
            if (_piece.Length > 0)
            {
                await _sink(_piece.ToArray(), _ring.Dropped).ConfigureAwait(false);
                _piece.SetLength(0);
            }
        }
        while (more);
    }

    /// <summary>Fills a piece; true when the ring holds more.</summary>
    private bool Collect()
    {
        while (_piece.Length < MaximumPiece)
        {
            if (!_ring.TryRead(_scratch, out CapturedFrame frame))
                return false;
            _writer.Write(in frame, _scratch.AsSpan(0, frame.CapturedLength));
        }

        return true;
    }
}
