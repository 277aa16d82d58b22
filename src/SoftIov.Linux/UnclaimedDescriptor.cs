using System.Collections.Concurrent;

namespace SoftIov.Linux;

/// <summary>Closes descriptors that a client sent and nobody wanted.</summary>
public static class UnclaimedDescriptor
{
    private static readonly Lazy<BlockingCollection<FileDescriptor>> Waiting = new(StartCloser);

    /// <summary>
    /// Closes. What is neither memory nor an eventfd is closed by a thread that does nothing else: close(2) of a file on a file system of the
    /// client's own, or of a socket that lingers, takes as long as the client likes.
    /// </summary>
    public static void Close(FileDescriptor descriptor)
    {
        if (IsHarmless(descriptor))
            descriptor.Dispose();
        else
            Waiting.Value.Add(descriptor);
    }

    /// <summary>Whether it is memory or an eventfd: closing it takes no time.</summary>
    public static bool IsHarmless(FileDescriptor descriptor) =>
        MemoryFile.SealsOf(descriptor) != FileSeals.None || EventFd.IsEventFd(descriptor);

    private static BlockingCollection<FileDescriptor> StartCloser()
    {
        BlockingCollection<FileDescriptor> waiting = [];
        new Thread(() =>
        {
            foreach (FileDescriptor unclaimed in waiting.GetConsumingEnumerable())
                unclaimed.Dispose();
        })
        {
            IsBackground = true, Name = "closer",
        }.Start();
        return waiting;
    }
}
