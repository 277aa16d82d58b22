namespace SoftIov.Linux;

/// <summary>Reading and writing past the page cache (O_DIRECT, open(2)).</summary>
public static unsafe class DirectAccess
{
    /// <summary>Switches it on for an open file or block device; false when its file system cannot, or keeps nothing but a page cache.</summary>
    public static bool TryEnable(FileDescriptor file)
    {
        int flags = LinuxException.Check(Libc.Fcntl(file.Number, Libc.F_GETFL, 0), "fcntl(F_GETFL)", file.ToString());

        // What a device's node lies in says nothing of the device.
        bool isInMemory = !file.Status().IsBlockDevice && FileSpace.IsInMemory(file);
        return AlignmentOf(file) != 0 && !isInMemory && Libc.Fcntl(file.Number, Libc.F_SETFL, flags | Libc.O_DIRECT) == 0;
    }

    /// <summary>
    /// What offsets and lengths in an open file must be multiples of, in bytes. Since Linux 6.1 the file system says it; else it is the logical
    /// block of the device below, and a page where there is no single one. 0: the file cannot be accessed so.
    /// </summary>
    public static int AlignmentOf(FileDescriptor file)
    {
        Libc.Statx status;
        byte empty = 0;
        int result = Libc.StatxCall(file.Number, &empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS | Libc.STATX_DIOALIGN, &status);
        LinuxException.Check(result, "statx", file.ToString());
        return (status.Mask & Libc.STATX_DIOALIGN) != 0
            ? (int)status.DirectOffsetAlign
            : BlockDevice.BlockBytesOf(status.DevMajor, status.DevMinor) ?? Environment.SystemPageSize;
    }
}
