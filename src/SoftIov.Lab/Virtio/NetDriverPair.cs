using System.Diagnostics;
using System.Runtime.InteropServices;
using SoftIov.Lab.Pci;
using SoftIov.Linux;

namespace SoftIov.Lab.Virtio;

/// <summary>
/// A receive and a transmit queue of a network driver with their buffers. Frame by frame with <see cref="TrySend"/> and
/// <see cref="TryReceive"/>; whoever needs speed uses the rings and buffers in bursts. One thread at a time for each direction.
/// </summary>
public sealed class NetDriverPair
{
    private const int ReclaimBurst = 64;

    private readonly IQueueTransport _transport;
    private readonly NetDriverOptions _options;
    private readonly DriverMemory _memory;
    private readonly ulong _receiveBuffers;
    private readonly ulong _transmitBuffers;
    private readonly ushort[] _freeSlots;
    private readonly int _headerLength;
    private readonly int _index;
    private int _freeSlotCount;

    internal NetDriverPair(IQueueTransport transport, DriverMemory memory, NetDriverOptions options, int index)
    {
        _transport = transport;
        _memory = memory;
        _options = options;
        _index = index;
        _headerLength = transport.Has(VirtioFeature.HashReport) ? FrameHeader.HashLength : FrameHeader.BaseLength;
        Receive = MakeRing(ReceiveIndex);
        Transmit = MakeRing(TransmitIndex);
        _receiveBuffers = memory.Allocate((long)Receive.Size * options.ReceiveStride);
        _transmitBuffers = memory.Allocate((long)Transmit.Size * options.TransmitStride);
        _freeSlots = new ushort[Transmit.Size];
        Fill();
    }

    /// <summary>The receive ring; tokens are numbers of receive buffers.</summary>
    public DriverVirtqueue Receive { get; }

    /// <summary>The transmit ring; tokens are numbers of transmit buffers.</summary>
    public DriverVirtqueue Transmit { get; }

    /// <summary>Virtqueue index of the receive ring.</summary>
    public int ReceiveIndex => 2 * _index;

    /// <summary>Virtqueue index of the transmit ring.</summary>
    public int TransmitIndex => (2 * _index) + 1;

    /// <summary>Bytes of the header in front of each frame.</summary>
    public int HeaderLength => _headerLength;

    /// <summary>Signalled when the receive ring was used and interrupts are armed; null without MSI-X.</summary>
    public EventFd? ReceiveInterrupt => EventOf(ReceiveIndex);

    /// <summary>Signalled when the transmit ring was used and interrupts are armed; null without MSI-X.</summary>
    public EventFd? TransmitInterrupt => EventOf(TransmitIndex);

    /// <summary>Receive buffer <paramref name="token"/> as it can be given to the device.</summary>
    public DriverBuffer ReceiveBuffer(int token) =>
        new(_receiveBuffers + ((ulong)token * (uint)_options.ReceiveStride), (uint)_options.ReceiveBufferSize, (ushort)token);

    /// <summary>Transmit buffer <paramref name="token"/> with room for a header and a frame.</summary>
    public DriverBuffer TransmitBuffer(int token, int frameLength) =>
        new(_transmitBuffers + ((ulong)token * (uint)_options.TransmitStride), (uint)(_headerLength + frameLength), (ushort)token);

    /// <summary>The bytes of a buffer.</summary>
    public Span<byte> BytesOf(in DriverBuffer buffer) => _memory.Span(buffer.Address, (int)buffer.Length);

    /// <summary>
    /// Queues a frame, tells the device when <paramref name="flush"/> says so; false when there is no room. Takes sent buffers back first
    /// when it has none.
    /// </summary>
    public bool TrySend(in FrameHeader header, ReadOnlySpan<byte> frame, bool flush = true)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frame.Length, _options.TransmitBufferSize - _headerLength, nameof(frame));
        if (_freeSlotCount == 0 || Transmit.FreeCount < 2)
            ReclaimSent();
        if (_freeSlotCount == 0)
            return false;

        DriverBuffer buffer = TransmitBuffer(_freeSlots[_freeSlotCount - 1], frame.Length);
        Span<byte> bytes = BytesOf(buffer);
        MemoryMarshal.AsBytes(new ReadOnlySpan<FrameHeader>(in header))[.._headerLength].CopyTo(bytes);
        frame.CopyTo(bytes[_headerLength..]);
        if (!TryQueue(buffer))
            return false;

        _freeSlotCount--;
        if (flush)
            FlushSends();
        return true;
    }

    /// <summary>Makes queued frames visible to the device and kicks it if it asks for that.</summary>
    public void FlushSends()
    {
        Transmit.Publish();
        if (Transmit.NeedsKick())
            _transport.Kick(TransmitIndex);
    }

    /// <summary>Takes buffers back that the device is done with; returns how many.</summary>
    public int ReclaimSent()
    {
        Span<UsedBuffer> used = stackalloc UsedBuffer[ReclaimBurst];
        int total = 0;
        for (int count = Transmit.Collect(used); count > 0; count = Transmit.Collect(used))
        {
            foreach (UsedBuffer buffer in used[..count])
                _freeSlots[_freeSlotCount++] = buffer.Token;
            total += count;
        }

        return total;
    }

    /// <summary>
    /// Takes the next frame; returns its length, or -1 when there is none. A frame longer than <paramref name="frame"/> is cut, its length
    /// is not. The buffers go back to the device.
    /// </summary>
    public int TryReceive(Span<byte> frame, out FrameHeader header)
    {
        header = default;
        Span<UsedBuffer> used = stackalloc UsedBuffer[1];
        if (Receive.Collect(used) == 0)
            return -1;

        Span<byte> bytes = BytesOf(ReceiveBuffer(used[0].Token))[..(int)used[0].Length];
        if (bytes.Length < _headerLength)
        {
            Return(used[0].Token);
            return TryReceive(frame, out header);
        }

        bytes[.._headerLength].CopyTo(MemoryMarshal.AsBytes(new Span<FrameHeader>(ref header)));
        int length = Append(frame, 0, bytes[_headerLength..]);
        Return(used[0].Token);
        for (int i = 1; i < header.BufferCount; i++)
        {
            // All buffers of a frame become visible at once (virtio 1.4, 5.1.6.4).
            if (Receive.Collect(used) == 0)
                throw new InvalidDataException($"{_transport.DeviceName} announced {header.BufferCount} buffers and used {i}.");
            length += Append(frame, length, BytesOf(ReceiveBuffer(used[0].Token))[..(int)used[0].Length]);
            Return(used[0].Token);
        }

        FlushReceives();
        return length;
    }

    /// <summary>Makes returned receive buffers visible to the device and kicks it if it asks for that.</summary>
    public void FlushReceives()
    {
        Receive.Publish();
        if (Receive.NeedsKick())
            _transport.Kick(ReceiveIndex);
    }

    /// <summary>Sleeps until a frame is there; false when the time is over. Needs MSI-X. A device may interrupt for nothing.</summary>
    public bool WaitForFrame(TimeSpan atMost)
    {
        long start = Stopwatch.GetTimestamp();
        bool isThere = Receive.ArmInterrupts();
        while (!isThere && ReceiveInterrupt!.Wait(LeftOf(atMost, start)))
            isThere = Receive.ArmInterrupts();
        isThere |= Receive.HasUsed;
        Receive.SuppressInterrupts();
        return isThere;
    }

    /// <summary>All buffers are with the driver again, and the receive ones are given to the device: after a reset.</summary>
    internal void Fill()
    {
        Receive.SuppressInterrupts();
        Transmit.SuppressInterrupts();
        for (int i = 0; i < _freeSlots.Length; i++)
            _freeSlots[i] = (ushort)(_freeSlots.Length - 1 - i);
        _freeSlotCount = _freeSlots.Length;
        for (int i = 0; i < Receive.Size; i++)
            Receive.Add([ReceiveBuffer(i)], isWritable: true);
        Receive.Publish();
    }

    /// <summary>Negative time is without end.</summary>
    private static TimeSpan LeftOf(TimeSpan atMost, long start)
    {
        TimeSpan left = atMost - Stopwatch.GetElapsedTime(start);
        return atMost < TimeSpan.Zero ? atMost : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static int Append(Span<byte> frame, int at, ReadOnlySpan<byte> part)
    {
        if (at < frame.Length)
            part[..Math.Min(part.Length, frame.Length - at)].CopyTo(frame[at..]);
        return part.Length;
    }

    private DriverVirtqueue MakeRing(int queue) =>
        DriverVirtqueue.Create(_memory, Math.Min(_options.RingSize, _transport.QueueSizeOf(queue)), _transport.RingFeatures);

    private EventFd? EventOf(int queue) => _transport.InterruptOf(queue);

    private bool TryQueue(in DriverBuffer buffer)
    {
        if (_options.Layout == TransmitLayout.OneBuffer)
            return Transmit.Add([buffer], isWritable: false) == 1;

        uint header = (uint)_headerLength;
        ReadOnlySpan<DriverBuffer> parts = [new(buffer.Address, header), new(buffer.Address + header, buffer.Length - header)];
        return _options.Layout == TransmitLayout.TwoBuffers
            ? Transmit.TryAddChain(parts, [], buffer.Token)
            : Transmit.TryAddIndirect(parts, [], buffer.Token);
    }

    private void Return(ushort token) => Receive.Add([ReceiveBuffer(token)], isWritable: true);
}
