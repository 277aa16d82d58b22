namespace SoftIov.Linux;

/// <summary>
/// Closes what one client sent and nobody wanted. What is neither a little memory nor an eventfd is closed by a thread that does nothing else and
/// is there while it is needed: close(2) of a file on a file system of the client's own, or of a socket that lingers, takes as long as the client
/// likes, and that of much memory as long as it takes to free it. So each client has one of its own, and whoever has sent too much that cannot be
/// closed is served no more.
/// </summary>
public sealed class UnclaimedDescriptors
{
    /// <summary>As many as two rich messages; a client that means well has none for longer than a moment.</summary>
    private const int MostWaiting = 64;

    /// <summary>What one message can bring of it is freed in a few milliseconds.</summary>
    private const long LittleMemory = 1 << 20;

    private readonly LateDisposal _closer = new("closer");

    /// <summary>So many wait to be closed that no more may come.</summary>
    public bool IsOverwhelmed => _closer.Waiting > MostWaiting;

    /// <summary>Closes one, at once or soon.</summary>
    public void Close(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        if (IsHarmless(descriptor))
            descriptor.Dispose();
        else
            _closer.Dispose(descriptor);
    }

    /// <summary>
    /// Whether it is a little memory or an eventfd: closing it takes no time, even when the client has closed its own before. What counts is the
    /// memory that the file has, which may be less than its size, or more.
    /// </summary>
    public static bool IsHarmless(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        bool isMemory = MemoryFile.SealsOf(descriptor) != FileSeals.None; // asked for first: statx(2) of other files may not return
        return isMemory ? descriptor.Status().AllocatedBytes <= LittleMemory : EventFd.IsEventFd(descriptor);
    }
}
