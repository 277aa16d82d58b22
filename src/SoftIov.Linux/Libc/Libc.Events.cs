using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>eventfd(2), epoll(7), poll(2), preadv2(2).</summary>
internal static unsafe partial class Libc
{
    internal const int EFD_CLOEXEC = 0x80000;
    internal const int EFD_NONBLOCK = 0x800;
    internal const int EPOLL_CLOEXEC = 0x80000;
    internal const int RWF_NOWAIT = 8;
    internal const int EPOLL_CTL_ADD = 1;
    internal const int EPOLL_CTL_DEL = 2;
    internal const int EPOLL_CTL_MOD = 3;

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate1(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollCtl(int epoll, int operation, int fd, byte* entry);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int EpollWait(int epoll, byte* entries, int capacity, int timeoutMilliseconds);

    /// <summary>Since Linux 5.11 and glibc 2.35.</summary>
    [LibraryImport(Library, EntryPoint = "epoll_pwait2", SetLastError = true)]
    internal static partial int EpollPwait2(int epoll, byte* entries, int capacity, Timespec* timeout, void* signalMask);

    [LibraryImport(Library, EntryPoint = "ppoll", SetLastError = true)]
    internal static partial int Ppoll(PollEntry* entries, nuint count, Timespec* timeout, void* signalMask);

    [LibraryImport(Library, EntryPoint = "preadv2")]
    internal static partial nint PreadvNoErrno(int fd, IoVector* vectors, int count, nint offset, int flags);

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Descriptor;
        internal short Requested;
        internal short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Timespec
    {
        internal long Seconds;
        internal long Nanoseconds;

        internal static Timespec From(TimeSpan time) => new()
        {
            Seconds = time.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = time.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick,
        };
    }
}
