using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>Closes descriptors that a client sent and nobody wanted.</summary>
internal static class UnclaimedDescriptor
{
    /// <summary>
    /// Closes. What is neither memory nor an eventfd is closed on a thread of the pool: close(2) of a file on a file system of the client's
    /// own, or of a socket that lingers, takes as long as the client likes.
    /// </summary>
    public static void Close(FileDescriptor descriptor)
    {
        if (MemoryFile.SealsOf(descriptor) != FileSeals.None || EventFd.IsEventFd(descriptor))
            descriptor.Dispose();
        else
            ThreadPool.UnsafeQueueUserWorkItem(static unclaimed => unclaimed.Dispose(), descriptor, preferLocal: false);
    }
}
