namespace SoftIov.Linux;

/// <summary>A listening UNIX stream socket bound to a path; non-blocking. The path is unlinked when disposed.</summary>
public sealed class UnixListener : IDisposable
{
    private const int Backlog = 16;

    /// <summary>
    /// Binds and listens. A socket file that a dead process left is replaced; one that answers is an error (EADDRINUSE).
    /// <paramref name="mode"/> is in force before anybody can connect.
    /// </summary>
    public UnixListener(string path, UnixFileMode mode)
    {
        Path = path;
        RemoveStale(path);
        Descriptor = UnixStream.NewSocket(nonBlocking: true);
        try
        {
            UnixStream.Bind(Descriptor, path);
            SetMode(path, mode);
            LinuxException.Check(Libc.Listen(Descriptor.Number, Backlog), "listen", path);
        }
        catch
        {
            Descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Where clients connect to.</summary>
    public string Path { get; }

    /// <summary>To poll for input: a connection to accept.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The next connection, non-blocking; null when there is none, or when it went away again.</summary>
    public unsafe UnixStream? TryAccept(out Errno error)
    {
        int result = Libc.Accept4(Descriptor.Number, null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK);
        error = result >= 0 ? Errno.None : LinuxException.Last;
        return result >= 0 ? new UnixStream(new FileDescriptor(result)) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Descriptor.IsClosed)
            return;
        Descriptor.Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody removed the directory or made it read-only: what is left of the file answers nobody.
        }
    }

    private static void RemoveStale(string path)
    {
        // A file of another type is never removed: bind then fails with EADDRINUSE.
        if (FileStatus.TryOf(path) is not { IsSocket: true })
            return;
        if (UnixStream.TryConnect(path, out Errno error) is { } alive)
        {
            alive.Dispose();
            throw new LinuxException("bind", Errno.EADDRINUSE, path);
        }

        if (error == Errno.ECONNREFUSED)
            File.Delete(path);
    }

    private static unsafe void SetMode(string path, UnixFileMode mode)
    {
        fixed (byte* name = Libc.CString(path))
            LinuxException.Check(Libc.Chmod(name, (uint)mode), "chmod", path);
    }
}
