using SoftIov.Datapath;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Datapath;

/// <summary>A switch with recording ports. Function n owns <see cref="TestFrame.Mac"/>(n).</summary>
internal sealed class SwitchSetup
{
    private readonly FrameBatch _batch = new();
    private readonly Dictionary<SwitchPort, RecordingPort> _receivers = [];

    public VirtualSwitch Switch { get; } = new(TimeProvider.System);

    public RecordingPort Receiver(SwitchPort port) => _receivers[port];

    public SwitchPort AddVf(int function, VfPolicy? policy = null)
    {
        SwitchPort port = Switch.AddFunctionPort(function, policy ?? VfPolicy.Default, TestFrame.Mac(function));
        _receivers[port] = new RecordingPort();
        port.Connect(_receivers[port]);
        return port;
    }

    public SwitchPort AddUplink()
    {
        var receiver = new RecordingPort();
        SwitchPort port = Switch.AddUplinkPort(receiver);
        _receivers[port] = receiver;
        return port;
    }

    public void Send(SwitchPort from, params byte[][] frames) => Send(from, default(FrameOffload), frames);

    public void Send(SwitchPort from, FrameOffload offload, params byte[][] frames) =>
        SendMixed(from, Array.ConvertAll(frames, frame => (frame, offload)));

    /// <summary>Sends frames that lie in two segments each, so that no test depends on one.</summary>
    public void SendMixed(SwitchPort from, params (byte[] Bytes, FrameOffload Offload)[] frames)
    {
        var memories = new List<ScratchMemory>();
        foreach ((byte[] bytes, FrameOffload offload) in frames)
        {
            var memory = new ScratchMemory(bytes.Length);
            memories.Add(memory);
            bytes.CopyTo(memory.Span);
            int cut = bytes.Length * 2 / 3;
            Assert.True(_batch.TryAdd([memory.Segment(0, cut), memory.Segment(cut, bytes.Length - cut)], 0, bytes.Length, offload));
        }

        from.Transmit(_batch, 0);
        _batch.Clear();
        for (int i = 0; i < frames.Length; i++)
        {
            Assert.True(frames[i].Bytes.AsSpan().SequenceEqual(memories[i].Span), "the sender's buffers are not the switch's to write");
        }
    }
}
