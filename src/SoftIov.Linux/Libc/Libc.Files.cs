using System.Runtime.InteropServices;
using System.Text;

namespace SoftIov.Linux;

/// <summary>open(2), close(2), read(2), write(2), fsync(2), fcntl(2), fallocate(2), readlink(2), chmod(2), statx(2), fstatfs(2).</summary>
internal static unsafe partial class Libc
{
    internal const string Library = "libc";
    internal const int O_RDONLY = 0;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int F_GETFL = 3;
    internal const int F_SETFL = 4;
    internal const int F_OFD_SETLK = 37;
    internal const short F_WRLCK = 1;
    internal const int F_DUPFD_CLOEXEC = 1030;
    internal const int F_ADD_SEALS = 1033;
    internal const int F_GET_SEALS = 1034;
    internal const int AT_FDCWD = -100;
    internal const int AT_SYMLINK_NOFOLLOW = 0x100;
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_BASIC_STATS = 0x7ff;
    internal const uint STATX_DIOALIGN = 0x2000;
    internal const int StatfsBytes = 120;
    internal const long TMPFS_MAGIC = 0x0102_1994;
    internal const long HUGETLBFS_MAGIC = 0x9584_58f6;
    internal const long RAMFS_MAGIC = 0x8584_58f6;

    internal static readonly int O_DIRECT = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x10000 : 0x4000;

    /// <summary><paramref name="mode"/>: permissions of a file that is made.</summary>
    internal static int Open(string path, int flags, int mode = 0)
    {
        fixed (byte* name = CString(path))
        {
            return OpenCall(name, flags, mode);
        }
    }

    internal static string ReadLink(string path)
    {
        const int MaximumBytes = 4096;
        byte* buffer = stackalloc byte[MaximumBytes];
        fixed (byte* name = CString(path))
        {
            nint length = ReadLinkCall(name, buffer, MaximumBytes);
            return length >= 0 ? Encoding.UTF8.GetString(buffer, (int)length) : throw LinuxException.FromLast("readlink", path);
        }
    }

    internal static byte[] CString(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int fd, void* buffer, nuint count);

    /// <summary>write(2) for callers that do not ask why it failed.</summary>
    [LibraryImport(Library, EntryPoint = "write")]
    internal static partial nint WriteNoErrno(int fd, void* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Fcntl(int fd, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Fsync(int fd);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Fallocate(int fd, int mode, long offset, long length);

    [LibraryImport(Library, EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int Fstatfs(int fd, long* status);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    internal static partial int StatxCall(int directory, byte* path, int flags, uint mask, Statx* status);

    [LibraryImport(Library, EntryPoint = "chmod", SetLastError = true)]
    internal static partial int Chmod(byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true)]
    private static partial int OpenCall(byte* path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "readlink", SetLastError = true)]
    private static partial nint ReadLinkCall(byte* path, byte* buffer, nuint size);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statx
    {
        [FieldOffset(0)]
        internal uint Mask;

        [FieldOffset(28)]
        internal ushort Mode;

        [FieldOffset(32)]
        internal ulong Inode;

        [FieldOffset(40)]
        internal ulong Size;

        [FieldOffset(48)]
        internal ulong Blocks;

        [FieldOffset(136)]
        internal uint DevMajor;

        [FieldOffset(140)]
        internal uint DevMinor;

        [FieldOffset(156)]
        internal uint DirectOffsetAlign;
    }

    /// <summary>struct flock.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct FileLock
    {
        internal short Type;
        internal short Whence;
        internal long Start;
        internal long Length;
        internal int Process;
    }
}
