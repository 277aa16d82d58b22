namespace SoftIov.Linux;

/// <summary>What statx(2) tells about an open file.</summary>
/// <param name="Device">Device that holds the file; with <paramref name="Inode"/> the file's identity.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Type and permission bits, as stat(2) gives them.</param>
/// <param name="AllocatedBytes">Bytes that it takes of its file system; of memory files the memory, also that beyond the size.</param>
public readonly record struct FileStatus(ulong Device, ulong Inode, long Size, int Mode, long AllocatedBytes)
{
    private const int BlockBytes = 512;
    private const int TypeMask = 0xF000;
    private const int TypeDirectory = 0x4000;
    private const int TypeBlockDevice = 0x6000;
    private const int TypeRegular = 0x8000;
    private const int TypeSocket = 0xC000;

    /// <summary>True for a regular file; memory files are.</summary>
    public bool IsRegular => (Mode & TypeMask) == TypeRegular;

    /// <summary>True for a directory.</summary>
    public bool IsDirectory => (Mode & TypeMask) == TypeDirectory;

    /// <summary>True for a block device.</summary>
    public bool IsBlockDevice => (Mode & TypeMask) == TypeBlockDevice;

    /// <summary>True for a UNIX socket's name.</summary>
    public bool IsSocket => (Mode & TypeMask) == TypeSocket;

    internal static unsafe FileStatus Of(FileDescriptor file)
    {
        Libc.Statx status;
        byte empty = 0;
        int result = Libc.StatxCall(file.Number, &empty, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, &status);
        LinuxException.Check(result, "statx", file.ToString());
        return From(status);
    }

    /// <summary>Of a name, not following a last symbolic link; null when there is nothing of that name.</summary>
    internal static unsafe FileStatus? TryOf(string path)
    {
        Libc.Statx status;
        fixed (byte* name = Libc.CString(path))
        {
            int result = Libc.StatxCall(Libc.AT_FDCWD, name, Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, &status);
            return result == 0 ? From(status) : null;
        }
    }

    private static FileStatus From(in Libc.Statx status) =>
        new((ulong)status.DevMajor << 32 | status.DevMinor, status.Inode, (long)status.Size, status.Mode, (long)status.Blocks * BlockBytes);
}
