namespace SoftIov.Linux;

/// <summary>The space that files take, and where.</summary>
public static unsafe class FileSpace
{
    /// <summary>Changes how space is allocated, waiting until it is done (fallocate(2)). The size stays.</summary>
    public static Errno TryAllocate(FileDescriptor file, AllocationMode mode, long offset, long length) =>
        Libc.Fallocate(file.Number, (int)mode, offset, length) == 0 ? Errno.None : LinuxException.Last;

    /// <summary>Whether the file is in a file system that lives in memory, and is gone with the machine (tmpfs(5)).</summary>
    public static bool IsInMemory(FileDescriptor file) => TypeOf(file) is Libc.TMPFS_MAGIC or Libc.RAMFS_MAGIC;

    /// <summary>
    /// Whether the file is of huge pages, which come from a pool that may be empty (hugetlbfs, and memory files made with MFD_HUGETLB).
    /// </summary>
    public static bool IsOfHugePages(FileDescriptor file) => TypeOf(file) == Libc.HUGETLBFS_MAGIC;

    /// <summary>
    /// Locks the whole file for this open file against all others, and QEMU's locks of images too; false when somebody has a lock on it. It ends
    /// when the descriptor, and all that came from it, is closed (fcntl(2), open file description locks).
    /// </summary>
    public static bool TryLock(FileDescriptor file)
    {
        Libc.FileLock whole = new() { Type = Libc.F_WRLCK };
        if (Libc.Fcntl(file.Number, Libc.F_OFD_SETLK, (nint)(&whole)) == 0)
            return true;
        return LinuxException.Last is Errno.EAGAIN or Errno.EACCES
            ? false
            : throw LinuxException.FromLast("fcntl(F_OFD_SETLK)", file.ToString());
    }

    /// <summary>The magic number of its file system.</summary>
    private static long TypeOf(FileDescriptor file)
    {
        long* status = stackalloc long[Libc.StatfsBytes / sizeof(long)];
        LinuxException.Check(Libc.Fstatfs(file.Number, status), "fstatfs", file.ToString());
        return status[0];
    }
}
