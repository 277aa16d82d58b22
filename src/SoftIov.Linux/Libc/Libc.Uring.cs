using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>io_uring_setup(2), io_uring_enter(2): glibc has no names for them. Layouts are those of linux/io_uring.h.</summary>
internal static unsafe partial class Libc
{
    internal const nint SYS_io_uring_setup = 425;
    internal const nint SYS_io_uring_enter = 426;
    internal const long IORING_OFF_SQ_RING = 0;
    internal const long IORING_OFF_SQES = 0x10000000;
    internal const uint IORING_ENTER_GETEVENTS = 1;
    internal const uint IORING_FEAT_SINGLE_MMAP = 1;
    internal const uint IORING_FEAT_RW_CUR_POS = 8;
    internal const uint IORING_FSYNC_DATASYNC = 1;
    internal const byte IORING_OP_NOP = 0;
    internal const byte IORING_OP_FSYNC = 3;
    internal const byte IORING_OP_FALLOCATE = 17;
    internal const byte IORING_OP_READ = 22;
    internal const byte IORING_OP_WRITE = 23;
    internal const uint RWF_DSYNC = 2;

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint IoUringSetup(nint number, nuint entries, UringParameters* parameters);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint IoUringEnter(nint number, nint ring, nuint toSubmit, nuint minComplete, nuint flags, void* signals, nuint size);

    /// <summary>struct io_uring_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UringParameters
    {
        internal uint SubmissionEntries;
        internal uint CompletionEntries;
        internal uint Flags;
        internal uint ThreadCpu;
        internal uint ThreadIdle;
        internal uint Features;
        internal uint WorkQueue;
        internal fixed uint Reserved[3];
        internal SubmissionOffsets Submission;
        internal CompletionOffsets Completion;
    }

    /// <summary>struct io_sqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SubmissionOffsets
    {
        internal uint Head;
        internal uint Tail;
        internal uint Mask;
        internal uint Entries;
        internal uint Flags;
        internal uint Dropped;
        internal uint Array;
        internal uint Reserved;
        internal ulong UserAddress;
    }

    /// <summary>struct io_cqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CompletionOffsets
    {
        internal uint Head;
        internal uint Tail;
        internal uint Mask;
        internal uint Entries;
        internal uint Overflow;
        internal uint Entry;
        internal uint Flags;
        internal uint Reserved;
        internal ulong UserAddress;
    }

    /// <summary>struct io_uring_cqe.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UringCompletion
    {
        internal ulong Tag;
        internal int Result;
        internal uint Flags;
    }
}
