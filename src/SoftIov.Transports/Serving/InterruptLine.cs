using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// One eventfd of a client's, which its owner can make blocking and fill up: so it is signalled in a way that never waits, and never read.
/// </summary>
internal sealed class InterruptLine(FileDescriptor descriptor) : IDisposable
{
    private readonly EventFd _event = new(descriptor);

    /// <summary>To poll.</summary>
    public FileDescriptor Descriptor => _event.Descriptor;

    /// <summary>Signals; false when another thread has disposed of the line. Any thread.</summary>
    public bool Signal() => _event.SignalShared();

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}
