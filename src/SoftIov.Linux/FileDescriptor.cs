using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>An open file descriptor, closed when released. All descriptors made or received here are close-on-exec.</summary>
public sealed class FileDescriptor : SafeHandle
{
    /// <summary>Takes a raw descriptor over.</summary>
    public FileDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    /// <summary>
    /// The number. Whoever uses it must know that the descriptor stays open meanwhile: own it, or hold a reference to it.
    /// </summary>
    public int Number => (int)handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>Opens <paramref name="path"/> for reading and, if asked, writing.</summary>
    public static FileDescriptor Open(string path, bool writable)
    {
        int result = Libc.Open(path, (writable ? Libc.O_RDWR : Libc.O_RDONLY) | Libc.O_CLOEXEC);
        return new FileDescriptor(LinuxException.Check(result, "open", path));
    }

    /// <summary>
    /// Opens <paramref name="path"/> for reading and writing, and for nobody else who asks the same way: a block device that is mounted, or is
    /// part of something larger, is refused with EBUSY.
    /// </summary>
    public static FileDescriptor OpenExclusively(string path)
    {
        int result = Libc.Open(path, Libc.O_RDWR | Libc.O_EXCL | Libc.O_CLOEXEC);
        return new FileDescriptor(LinuxException.Check(result, "open", path));
    }

    /// <summary>Makes an empty file that its owner alone may read and write, and opens it for both; EEXIST when there is one of that name.</summary>
    public static FileDescriptor Create(string path)
    {
        const int OwnerOnly = 0x180;
        int result = Libc.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, OwnerOnly);
        return new FileDescriptor(LinuxException.Check(result, "open", path));
    }

    /// <summary>
    /// Forces a directory's entries to the disk, where its file system can (fsync(2)): a file that was renamed into it stays so after a
    /// power cut.
    /// </summary>
    public static void FlushDirectory(string path)
    {
        using FileDescriptor directory = Open(path, writable: false);
        if (Libc.Fsync(directory.Number) != 0 && LinuxException.Last != Errno.EINVAL)
            throw LinuxException.FromLast("fsync", path);
    }

    /// <summary>A second descriptor of the same open file.</summary>
    public FileDescriptor Duplicate()
    {
        int result = Libc.Fcntl(Number, Libc.F_DUPFD_CLOEXEC, 0);
        return new FileDescriptor(LinuxException.Check(result, "fcntl(F_DUPFD_CLOEXEC)", ToString()));
    }

    /// <summary>
    /// The same file opened once more, with the same flags: whoever flushes it is told of writes that failed, whoever else was told before.
    /// </summary>
    public FileDescriptor OpenAgain()
    {
        int flags = LinuxException.Check(Libc.Fcntl(Number, Libc.F_GETFL, 0), "fcntl(F_GETFL)", ToString());
        string path = $"/proc/self/fd/{Number}";
        return new FileDescriptor(LinuxException.Check(Libc.Open(path, flags | Libc.O_CLOEXEC), "open", path));
    }

    /// <summary>What the descriptor refers to, as /proc shows it: a path, or for example anon_inode:[eventfd].</summary>
    public string Target => Libc.ReadLink($"/proc/self/fd/{Number}");

    /// <summary>File identity, size and type.</summary>
    public FileStatus Status() => FileStatus.Of(this);

    /// <summary>Makes reads and writes return EAGAIN rather than wait.</summary>
    public void SetNonBlocking()
    {
        int flags = LinuxException.Check(Libc.Fcntl(Number, Libc.F_GETFL, 0), "fcntl(F_GETFL)", ToString());
        LinuxException.Check(Libc.Fcntl(Number, Libc.F_SETFL, flags | Libc.O_NONBLOCK), "fcntl(F_SETFL)", ToString());
    }

    /// <summary>Reads what is there, up to the room; 0 bytes are the end.</summary>
    public unsafe IoResult Read(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
            return IoResult.From(Libc.Read(Number, bytes, (nuint)buffer.Length));
    }

    /// <summary>Writes what is taken at once.</summary>
    public unsafe IoResult Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
            return IoResult.From(Libc.Write(Number, bytes, (nuint)buffer.Length));
    }

    /// <summary>Makes reads and writes wait.</summary>
    public void SetBlocking()
    {
        int flags = LinuxException.Check(Libc.Fcntl(Number, Libc.F_GETFL, 0), "fcntl(F_GETFL)", ToString());
        LinuxException.Check(Libc.Fcntl(Number, Libc.F_SETFL, flags & ~Libc.O_NONBLOCK), "fcntl(F_SETFL)", ToString());
    }

    /// <inheritdoc/>
    public override string ToString() => $"fd {Number}";

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
