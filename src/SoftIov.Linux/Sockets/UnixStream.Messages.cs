using System.Runtime.CompilerServices;

namespace SoftIov.Linux;

/// <summary>Sending and receiving, with and without descriptors.</summary>
public sealed unsafe partial class UnixStream
{
    // Room for one SCM_RIGHTS message of MaximumDescriptors, 8-byte aligned.
    private const int ControlCapacity = 16 + MaximumDescriptors * sizeof(int);

    // SCM_MAX_FD: what the kernel itself would drop, the receiving thread would close.
    private const int MostDescriptorsSent = 253;
    private const int ReceiveCapacity = (16 + MostDescriptorsSent * sizeof(int) + 7) & ~7;

    /// <summary>Sends what the kernel takes at once.</summary>
    public IoResult Send(ReadOnlySpan<byte> bytes) => Send(bytes, default);

    /// <summary>As <see cref="Send(ReadOnlySpan{byte})"/>, and does not wait, whatever the socket's owner set it to.</summary>
    public IoResult SendNow(ReadOnlySpan<byte> bytes) => Send(bytes, default, Libc.MSG_DONTWAIT);

    /// <summary>Sends what the kernel takes at once; <paramref name="descriptors"/> travel with the first byte.</summary>
    public IoResult Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors) => Send(bytes, descriptors, 0);

    private IoResult Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors, int flags)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaximumDescriptors);
        ulong* control = stackalloc ulong[ControlCapacity / sizeof(ulong)];
        fixed (byte* data = bytes)
        {
            Libc.IoVector vector = new() { Base = data, Length = (nuint)bytes.Length };
            Libc.MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Length > 0)
                Attach(ref message, control, descriptors);
            return IoResult.From(Libc.SendMsg(Descriptor.Number, &message, Libc.MSG_NOSIGNAL | flags));
        }
    }

    /// <summary>Receives into <paramref name="buffer"/>; descriptors that come with the bytes are closed unseen.</summary>
    public IoResult Receive(Span<byte> buffer)
    {
        fixed (byte* data = buffer)
        {
            Libc.IoVector vector = new() { Base = data, Length = (nuint)buffer.Length };
            Libc.MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            return IoResult.From(Libc.RecvMsg(Descriptor.Number, &message, 0));
        }
    }

    /// <summary>
    /// Receives into <paramref name="first"/>, then <paramref name="second"/>. Descriptors that came with any of the bytes are put into
    /// <paramref name="descriptors"/>, which the caller then owns; those that do not fit are closed
    /// by <see cref="Unclaimed"/>.
    /// </summary>
    public IoResult Receive(Span<byte> first, Span<byte> second, Span<FileDescriptor?> descriptors, out int descriptorCount) =>
        Receive(first, second, descriptors, out descriptorCount, out _);

    /// <summary>
    /// As above; <paramref name="lost"/> tells that descriptors were sent that did not arrive: no room was left for them here, or this process
    /// has as many open as it may.
    /// </summary>
    [SkipLocalsInit]
    public IoResult Receive(
        Span<byte> first, Span<byte> second, Span<FileDescriptor?> descriptors, out int descriptorCount, out bool lost)
    {
        ulong* control = stackalloc ulong[ReceiveCapacity / sizeof(ulong)];
        Libc.IoVector* vectors = stackalloc Libc.IoVector[2];
        fixed (byte* firstData = first, secondData = second)
        {
            vectors[0] = new() { Base = firstData, Length = (nuint)first.Length };
            vectors[1] = new() { Base = secondData, Length = (nuint)second.Length };
            Libc.MessageHeader message = new() { Vectors = vectors, VectorCount = 2, Control = control, ControlLength = ReceiveCapacity };
            nint result = Libc.RecvMsg(Descriptor.Number, &message, Libc.MSG_CMSG_CLOEXEC);
            lost = result > 0 && (message.Flags & Libc.MSG_CTRUNC) != 0;
            descriptorCount = result > 0 && message.ControlLength > 0 ? Detach(message, descriptors, ref lost) : 0;
            return IoResult.From(result);
        }
    }

    private static void Attach(ref Libc.MessageHeader message, ulong* control, ReadOnlySpan<int> descriptors)
    {
        nuint length = (nuint)(sizeof(Libc.ControlHeader) + descriptors.Length * sizeof(int));
        *(Libc.ControlHeader*)control = new() { Length = length, Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS };
        descriptors.CopyTo(new Span<int>((byte*)control + sizeof(Libc.ControlHeader), descriptors.Length));
        message.Control = control;
        message.ControlLength = length + 7 & ~(nuint)7;
    }

    private int Detach(in Libc.MessageHeader message, Span<FileDescriptor?> descriptors, ref bool lost)
    {
        int taken = 0;
        byte* end = (byte*)message.Control + message.ControlLength;
        for (byte* at = (byte*)message.Control; at + sizeof(Libc.ControlHeader) <= end;)
        {
            Libc.ControlHeader header = *(Libc.ControlHeader*)at;
            if (header.Level == Libc.SOL_SOCKET && header.Type == Libc.SCM_RIGHTS)
            {
                int count = ((int)header.Length - sizeof(Libc.ControlHeader)) / sizeof(int);
                foreach (int number in new ReadOnlySpan<int>(at + sizeof(Libc.ControlHeader), count))
                {
                    if (taken < descriptors.Length)
                    {
                        descriptors[taken++] = new FileDescriptor(number);
                        continue;
                    }

                    Unclaimed.Close(new FileDescriptor(number));
                    lost = true;
                }
            }

            at += header.Length + 7 & ~(nuint)7;
        }

        return taken;
    }
}
