using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>Waits for many descriptors at once (epoll(7)). Add, Modify and Remove may be called from any thread.</summary>
public sealed unsafe class Epoll : IDisposable
{
    /// <summary>At most so many events come out of one <see cref="Wait(Span{EpollEvent}, TimeSpan)"/>.</summary>
    public const int MaximumBatch = 64;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EntrySize = DataOffset + sizeof(ulong);

    private static readonly bool HasNanoseconds = ProbeNanoseconds();

    private readonly FileDescriptor _epoll = new(LinuxException.Check(Libc.EpollCreate1(Libc.EPOLL_CLOEXEC), "epoll_create1", "a loop"));

    /// <summary>Watches a descriptor; <paramref name="data"/> comes back with its events.</summary>
    public void Add(FileDescriptor descriptor, EpollEvents events, ulong data) => Control(Libc.EPOLL_CTL_ADD, descriptor, events, data);

    /// <summary>Changes what a descriptor is watched for.</summary>
    public void Modify(FileDescriptor descriptor, EpollEvents events, ulong data) => Control(Libc.EPOLL_CTL_MOD, descriptor, events, data);

    /// <summary>Stops watching. Closing the last descriptor of a file does the same.</summary>
    public void Remove(FileDescriptor descriptor) => Control(Libc.EPOLL_CTL_DEL, descriptor, EpollEvents.None, 0);

    /// <summary>As <see cref="Remove"/>; false when the descriptor is not watched, or this is disposed of.</summary>
    public bool TryRemove(FileDescriptor descriptor) =>
        !_epoll.IsClosed && Libc.EpollCtl(_epoll.Number, Libc.EPOLL_CTL_DEL, descriptor.Number, null) == 0;

    /// <summary>Waits for events and returns how many came; 0 when the time is over or a signal came. Negative time: without end.</summary>
    public int Wait(Span<EpollEvent> events, int timeoutMilliseconds) =>
        Wait(events, timeoutMilliseconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(timeoutMilliseconds));

    /// <summary>As the other one, to the nanosecond where the kernel can (5.11 and newer), else rounded up to milliseconds.</summary>
    public int Wait(Span<EpollEvent> events, TimeSpan atMost)
    {
        byte* entries = stackalloc byte[MaximumBatch * EntrySize];
        int count = WaitFor(entries, Math.Min(events.Length, MaximumBatch), atMost);
        if (count < 0 && LinuxException.Last is var error)
            return error == Errno.EINTR ? 0 : throw new LinuxException("epoll_wait", error, _epoll.ToString());
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = new(entries + i * EntrySize, EntrySize);
            events[i] = new(
                (EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(entry),
                BinaryPrimitives.ReadUInt64LittleEndian(entry[DataOffset..]));
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _epoll.Dispose();

    private static bool ProbeNanoseconds()
    {
        int epoll = Libc.EpollCreate1(Libc.EPOLL_CLOEXEC);
        Libc.Timespec none = default;
        byte* entry = stackalloc byte[EntrySize];
        try
        {
            return Libc.EpollPwait2(epoll, entry, 1, &none, null) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
        finally
        {
            _ = Libc.Close(epoll);
        }
    }

    private int WaitFor(byte* entries, int capacity, TimeSpan atMost)
    {
        if (atMost < TimeSpan.Zero)
            return Libc.EpollWait(_epoll.Number, entries, capacity, -1);
        if (!HasNanoseconds)
            return Libc.EpollWait(_epoll.Number, entries, capacity, (int)Math.Min(int.MaxValue, Math.Ceiling(atMost.TotalMilliseconds)));
        Libc.Timespec timeout = Libc.Timespec.From(atMost);
        return Libc.EpollPwait2(_epoll.Number, entries, capacity, &timeout, null);
    }

    private void Control(int operation, FileDescriptor descriptor, EpollEvents events, ulong data)
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)events);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[DataOffset..], data);
        fixed (byte* pointer = entry)
            LinuxException.Check(Libc.EpollCtl(_epoll.Number, operation, descriptor.Number, pointer), "epoll_ctl", descriptor.ToString());
    }
}
