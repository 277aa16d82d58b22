using System.Runtime.CompilerServices;
using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>
/// Frames prepared for the kernel to copy straight from the sender's buffers: each a few bytes of our own, then segments. One per thread that
/// sends (<see cref="OfThread"/>): preparing takes no lock and allocates nothing. The segments must stay valid until the frames are sent.
/// </summary>
public sealed unsafe class OutgoingFrames
{
    /// <summary>Most frames.</summary>
    public const int Capacity = 32;

    /// <summary>Most bytes in front of a frame's segments.</summary>
    public const int MaxHeadBytes = 128;

    /// <summary>Most segments of all frames, and a vector more for each frame: what one system call takes.</summary>
    private const int VectorCapacity = Libc.UIO_MAXIOV;

    [ThreadStatic]
    private static OutgoingFrames? _ofThread;

    private readonly byte[] _heads = GC.AllocateArray<byte>(Capacity * MaxHeadBytes, pinned: true);
    private readonly Libc.IoVector[] _vectors = GC.AllocateArray<Libc.IoVector>(VectorCapacity, pinned: true);
    private readonly Libc.MultipleMessageHeader[] _messages = GC.AllocateArray<Libc.MultipleMessageHeader>(Capacity, pinned: true);
    private int _vectorsUsed;

    private OutgoingFrames()
    {
    }

    /// <summary>This thread's own, as it was left: clear it first.</summary>
    public static OutgoingFrames OfThread => _ofThread ??= new OutgoingFrames();

    /// <summary>Frames prepared.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all frames.</summary>
    public void Clear()
    {
        Count = 0;
        _vectorsUsed = 0;
    }

    /// <summary>
    /// Adds a frame: header and head are copied, at most <see cref="MaxHeadBytes"/> together, then the segments follow. False when there is no
    /// room; when there was none in an empty list, the frame is in more pieces than one system call takes.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> header, ReadOnlySpan<byte> head, ReadOnlySpan<Segment> tail)
    {
        int count = tail.Length + 1;
        if (Count == Capacity || count > VectorCapacity - _vectorsUsed)
            return false;

        Span<byte> copy = _heads.AsSpan(Count * MaxHeadBytes, MaxHeadBytes);
        header.CopyTo(copy);
        head.CopyTo(copy[header.Length..]);
        Span<Libc.IoVector> vectors = _vectors.AsSpan(_vectorsUsed, count);
        vectors[0] = new() { Base = Pinned(ref copy[0]), Length = (nuint)(header.Length + head.Length) };
        for (int i = 0; i < tail.Length; i++)
            vectors[i + 1] = new() { Base = (void*)tail[i].Address, Length = (nuint)tail[i].Length };

        ref Libc.MessageHeader message = ref Message(Count);
        message.Vectors = (Libc.IoVector*)Pinned(ref vectors[0]);
        message.VectorCount = (nuint)count;
        _vectorsUsed += count;
        Count++;
        return true;
    }

    /// <summary>
    /// Sends frames from <paramref name="first"/> on with one call (sendmmsg(2)) and without waiting; returns how many, or why the first one
    /// was not sent. Fewer than all: the next one could not be sent, and a call that starts with it says why.
    /// </summary>
    public IoResult Send(FileDescriptor socket, int first)
    {
        var messages = (Libc.MultipleMessageHeader*)Pinned(ref _messages[first]);
        return IoResult.From(Libc.SendMMsg(socket.Number, messages, (uint)(Count - first), Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL));
    }

    internal ref Libc.MessageHeader Message(int index) => ref _messages[index].Message;

    /// <summary>The arrays are pinned from their allocation on.</summary>
    private static void* Pinned<T>(ref T element)
        where T : unmanaged => Unsafe.AsPointer(ref element);
}
