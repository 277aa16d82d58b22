using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>io_setup(2), io_submit(2): glibc has no names for them. Layouts are those of linux/aio_abi.h and of the ring in fs/aio.c.</summary>
internal static unsafe partial class Libc
{
    internal const ushort IOCB_CMD_PREAD = 0;
    internal const uint IOCB_FLAG_RESFD = 1;

    internal static readonly nint SYS_io_setup = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0 : 206;
    internal static readonly nint SYS_io_submit = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 2 : 209;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint IoSetup(nint number, nuint entries, nint* context);

    [LibraryImport(Library, EntryPoint = "syscall")]
    internal static partial nint IoSubmitNoErrno(nint number, nint context, nint count, IoControlBlock** blocks);

    /// <summary>struct iocb, little-endian.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoControlBlock
    {
        internal ulong Data;
        internal uint Key;
        internal uint ReadWriteFlags;
        internal ushort Command;
        internal short Priority;
        internal int Descriptor;
        internal ulong Buffer;
        internal ulong Length;
        internal long Offset;
        internal ulong Reserved;
        internal uint Flags;
        internal int Event;
    }

    /// <summary>struct aio_ring: the beginning of what a context's number is the address of.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoCompletions
    {
        internal uint Id;
        internal uint Entries;
        internal uint Head;
        internal uint Tail;
        internal uint Magic;
    }
}
