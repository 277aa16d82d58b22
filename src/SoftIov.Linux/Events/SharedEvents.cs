namespace SoftIov.Linux;

/// <summary>
/// Adds to eventfds that others share, and never waits, whatever those do to the counter and the flags meanwhile: write(2) waits when they make
/// the event blocking and its counter full. Here the kernel adds, which makes a full counter fuller: as the completion of an asynchronous read
/// of nothing (io_submit(2), IOCB_FLAG_RESFD). One context for the process, for as long as it lives; any thread.
/// </summary>
internal sealed unsafe class SharedEvents
{
    /// <summary>Submissions are complete when the call returns, so no more are on their way than threads that signal.</summary>
    private const int Entries = 32;

    private const uint RingMagic = 0xa10a_10a1;

    /// <summary>More often than the kernel lacks room for a request, which it does for a moment at most.</summary>
    private const int Tries = 1000;

    private static readonly Lazy<SharedEvents> Only = new(static () => new SharedEvents());

    private readonly nint _context;
    private readonly Libc.IoCompletions* _completions;
    private readonly FileDescriptor _nothing = FileDescriptor.Open("/dev/null", writable: false);

    private SharedEvents()
    {
        nint context = 0;
        if (Libc.IoSetup(Libc.SYS_io_setup, Entries, &context) != 0)
        {
            throw new LinuxException(
                "io_setup", LinuxException.Last, "signals to clients", "asynchronous I/O must be allowed (seccomp) and left (sysctl fs.aio-max-nr)");
        }

        _context = context;
        _completions = (Libc.IoCompletions*)context;
        if (_completions->Magic != RingMagic)
            throw new LinuxException("io_setup", Errno.EINVAL, "signals to clients");
    }

    /// <summary>The one of this process; throws <see cref="LinuxException"/> where the kernel does not let it have any.</summary>
    public static SharedEvents OfProcess => Only.Value;

    /// <summary>Adds one to an eventfd that the caller keeps open; false when it is none.</summary>
    public bool Signal(int descriptor)
    {
        Libc.IoControlBlock block = new()
        {
            Command = Libc.IOCB_CMD_PREAD,
            Descriptor = _nothing.Number,
            Flags = Libc.IOCB_FLAG_RESFD,
            Event = descriptor,
        };
        Libc.IoControlBlock* one = &block;
        for (int i = 0; i < Tries; i++)
        {
            bool isDone = Libc.IoSubmitNoErrno(Libc.SYS_io_submit, _context, 1, &one) == 1;

            // Nobody reads completions. Threads that do this at the same time set the head back at worst, until the next one.
            Volatile.Write(ref _completions->Head, Volatile.Read(ref _completions->Tail));
            if (isDone)
                return true;
            Thread.Yield();
        }

        return false;
    }
}
