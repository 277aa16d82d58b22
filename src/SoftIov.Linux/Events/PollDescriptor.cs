namespace SoftIov.Linux;

/// <summary>Waiting for one descriptor with a resolution of nanoseconds (ppoll(2)).</summary>
public static unsafe class PollDescriptor
{
    private const short PollIn = 1;
    private const short PollOut = 4;

    /// <summary>
    /// Waits until <paramref name="descriptor"/> can be read (or its peer is gone); false when the time is over or a signal came.
    /// Negative time: without end.
    /// </summary>
    public static bool WaitReadable(FileDescriptor descriptor, TimeSpan atMost) => Wait(descriptor.Number, PollIn, atMost);

    /// <summary>As <see cref="WaitReadable"/>, for writing.</summary>
    public static bool WaitWritable(FileDescriptor descriptor, TimeSpan atMost) => Wait(descriptor.Number, PollOut, atMost);

    private static bool Wait(int descriptor, short requested, TimeSpan atMost)
    {
        Libc.PollEntry entry = new() { Descriptor = descriptor, Requested = requested };
        Libc.Timespec timeout = Libc.Timespec.From(atMost);
        return Libc.Ppoll(&entry, 1, atMost < TimeSpan.Zero ? null : &timeout, null) > 0;
    }
}
