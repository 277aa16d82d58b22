namespace SoftIov.Linux;

/// <summary>
/// Closes what one client sent and nobody wanted. What is neither memory nor an eventfd is closed by a thread that does nothing else and is
/// there while it is needed: close(2) of a file on a file system of the client's own, or of a socket that lingers, takes as long as the client
/// likes. So each client has one of its own, and whoever has sent too much that cannot be closed is served no more.
/// </summary>
public sealed class UnclaimedDescriptors
{
    /// <summary>As many as two rich messages; a client that means well has none for longer than a moment.</summary>
    private const int MostWaiting = 64;

    private readonly Lock _gate = new();
    private readonly Queue<FileDescriptor> _waiting = new();
    private int _count;
    private bool _isClosing;

    /// <summary>So many wait to be closed that no more may come.</summary>
    public bool IsOverwhelmed => Volatile.Read(ref _count) > MostWaiting;

    /// <summary>Closes one, at once or soon.</summary>
    public void Close(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        if (IsHarmless(descriptor))
        {
            descriptor.Dispose();
            return;
        }

        lock (_gate)
        {
            _waiting.Enqueue(descriptor);
            _count++;
            if (_isClosing)
                return;
            _isClosing = true;
        }

        new Thread(CloseAll) { IsBackground = true, Name = "closer" }.Start();
    }

    /// <summary>Whether it is memory or an eventfd: closing it takes no time.</summary>
    public static bool IsHarmless(FileDescriptor descriptor) =>
        MemoryFile.SealsOf(descriptor) != FileSeals.None || EventFd.IsEventFd(descriptor);

    private void CloseAll()
    {
        while (true)
        {
            FileDescriptor? next;
            lock (_gate)
            {
                _isClosing = _waiting.TryDequeue(out next);
                if (next is null)
                    return;
                _count--;
            }

            next.Dispose();
        }
    }
}
