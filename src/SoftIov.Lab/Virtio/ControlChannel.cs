using System.Diagnostics;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Virtio;

/// <summary>The control queue of a network driver: one command at a time, answered before the call returns (virtio 1.4, 5.1.6.5).</summary>
internal sealed class ControlChannel
{
    public const int RingSize = 64;

    /// <summary>Bytes of driver memory it takes.</summary>
    public const long MemoryNeeded = (RingSize * 32) + CommandCapacity + 1024;

    private const int CommandCapacity = 4096;
    private const byte Unanswered = 0xFF;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private readonly VirtioPciTransport _transport;
    private readonly int _index;
    private readonly ulong _command;
    private readonly ulong _answer;

    public ControlChannel(VirtioPciTransport transport, DriverMemory memory, int index)
    {
        _transport = transport;
        _index = index;
        Ring = DriverVirtqueue.Create(memory, Math.Min(RingSize, transport.QueueSizeOf(index)), transport.RingFeatures);
        _command = memory.Allocate(CommandCapacity);
        _answer = memory.Allocate(1);
        Ring.SuppressInterrupts();
    }

    public DriverVirtqueue Ring { get; }

    /// <summary>Sends a command; the answer is 0 (OK) or 1 (ERR), or 255 when the device wrote none.</summary>
    public byte Send(byte category, byte command, ReadOnlySpan<byte> data)
    {
        Span<byte> bytes = Ring.Memory.Span(_command, data.Length + 2);
        bytes[0] = category;
        bytes[1] = command;
        data.CopyTo(bytes[2..]);
        Ring.Memory.Span(_answer, 1)[0] = Unanswered;
        Ring.TryAddChain([new DriverBuffer(_command, (uint)bytes.Length)], [new DriverBuffer(_answer, 1)], token: 0);
        Ring.Publish();
        if (Ring.NeedsKick())
            _transport.Kick(_index);
        WaitForAnswer();
        return Ring.Memory.Span(_answer, 1)[0];
    }

    private void WaitForAnswer()
    {
        Span<UsedBuffer> used = stackalloc UsedBuffer[1];
        long start = Stopwatch.GetTimestamp();
        for (var spin = default(SpinWait); Ring.Collect(used) == 0; spin.SpinOnce())
        {
            if (Stopwatch.GetElapsedTime(start) > AnswerTime)
                throw new TimeoutException($"{_transport.Device.Name} does not answer its control queue.");
        }
    }
}
