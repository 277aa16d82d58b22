using System.Numerics;

namespace SoftIov.Linux;

/// <summary>
/// Requests to files that are under way while the caller goes on (io_uring(7)): many start by one system call, and answers are taken from
/// shared memory, by none. Calls come from one thread at a time. The kernel keeps a request with the thread that started it: when that thread
/// ends first, the request may be answered with ECANCELED, and is to be made again.
/// </summary>
public sealed unsafe class IoUring : IDisposable
{
    private readonly MappedFile _rings;
    private readonly MappedFile _requests;
    private readonly Libc.SubmissionOffsets _submission;
    private readonly Libc.CompletionOffsets _completion;
    private readonly uint _requestMask;
    private readonly uint _completionMask;
    private uint _tail;
    private uint _head;
    private uint _started;

    private IoUring(FileDescriptor descriptor, in Libc.UringParameters parameters, MappedFile rings, MappedFile requests)
    {
        Descriptor = descriptor;
        Capacity = (int)parameters.SubmissionEntries;
        _submission = parameters.Submission;
        _completion = parameters.Completion;
        _requestMask = parameters.SubmissionEntries - 1;
        _completionMask = parameters.CompletionEntries - 1;
        _rings = rings;
        _requests = requests;
        for (uint i = 0; i < parameters.SubmissionEntries; i++)
            *(Word(_submission.Array) + i) = i;
    }

    /// <summary>
    /// Readable while answers wait. An edge (<see cref="EpollEvents.EdgeTriggered"/>) follows every answer, whether or not those before it were
    /// taken without a look at the descriptor.
    /// </summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Most requests that may be prepared or under way: for so many answers there is room.</summary>
    public int Capacity { get; }

    /// <summary>Requests that were prepared and whose answers were not taken.</summary>
    public int InFlight { get; private set; }

    /// <summary>Requests that were prepared and not started.</summary>
    public int Prepared => (int)(_tail - _started);

    /// <summary>A ring for at least <paramref name="requests"/> requests at a time, 1 to 32768.</summary>
    /// <exception cref="LinuxException">The kernel is older than 5.6, forbids io_uring, or has no room.</exception>
    public static IoUring Open(int requests)
    {
        Libc.UringParameters parameters = default;
        nuint entries = BitOperations.RoundUpToPowerOf2((uint)requests);
        int result = (int)Libc.IoUringSetup(Libc.SYS_io_uring_setup, entries, &parameters);
        if (result < 0)
            throw Refused(LinuxException.Last);
        var descriptor = new FileDescriptor(result);
        MappedFile? rings = null;
        try
        {
            const uint Needed = Libc.IORING_FEAT_SINGLE_MMAP | Libc.IORING_FEAT_RW_CUR_POS;
            if ((parameters.Features & Needed) != Needed)
                throw Refused(Errno.ENOSYS);
            long submissionBytes = parameters.Submission.Array + parameters.SubmissionEntries * (long)sizeof(uint);
            long completionBytes = parameters.Completion.Entry + parameters.CompletionEntries * (long)sizeof(Libc.UringCompletion);
            rings = MappedFile.Map(descriptor, Libc.IORING_OFF_SQ_RING, Math.Max(submissionBytes, completionBytes), writable: true);
            long requestBytes = parameters.SubmissionEntries * (long)sizeof(IoRequest);
            MappedFile slots = MappedFile.Map(descriptor, Libc.IORING_OFF_SQES, requestBytes, writable: true);
            return new IoUring(descriptor, in parameters, rings, slots);
        }
        catch
        {
            rings?.Dispose();
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Notes a request for the next <see cref="Start"/>; false when <see cref="Capacity"/> are in flight.</summary>
    public bool TryPrepare(in IoRequest request)
    {
        if (InFlight == Capacity)
            return false;
        ((IoRequest*)_requests.Address)[_tail & _requestMask] = request;
        _tail++;
        InFlight++;

        // Pairs with the kernel's read of the tail in io_uring_enter: the request is written before.
        Volatile.Write(ref *Word(_submission.Tail), _tail);
        return true;
    }

    /// <summary>
    /// Starts what was prepared; false when the kernel could not take all of it just now (out of memory): call again, nothing was lost.
    /// </summary>
    public bool Start()
    {
        while (Prepared > 0)
        {
            nint taken = Enter(Prepared, 0, 0);
            if (taken == 0 || (taken < 0 && !IsInterrupted(LinuxException.Last)))
                return false;
        }

        return true;
    }

    /// <summary>Takes one answer, if one waits.</summary>
    public bool TryTake(out IoCompletion completion)
    {
        // Pairs with the kernel's publication of the tail after it wrote the answer.
        if (_head == Volatile.Read(ref *Word(_completion.Tail)))
        {
            completion = default;
            return false;
        }

        Libc.UringCompletion* entry = (Libc.UringCompletion*)(_rings.Address + _completion.Entry) + (_head & _completionMask);
        int result = entry->Result;
        completion = new IoCompletion(entry->Tag, result >= 0 ? new IoResult(result, Errno.None) : new IoResult(0, (Errno)(-result)));
        _head++;
        InFlight--;

        // Pairs with the kernel's look for room: the answer was read before.
        Volatile.Write(ref *Word(_completion.Head), _head);
        return true;
    }

    /// <summary>Starts what was prepared, and waits until an answer can be taken, unless nothing is in flight.</summary>
    public void Wait()
    {
        while (InFlight > 0 && _head == Volatile.Read(ref *Word(_completion.Tail)))
        {
            if (!Start() && InFlight == Prepared)
                Thread.Sleep(1);
            else if (Enter(0, 1, Libc.IORING_ENTER_GETEVENTS) < 0)
                _ = IsInterrupted(LinuxException.Last);
        }
    }

    /// <summary>Requests under way go on, unobserved: their buffers must stay. Take their answers first.</summary>
    public void Dispose()
    {
        _rings.Dispose();
        _requests.Dispose();
        Descriptor.Dispose();
    }

    private static LinuxException Refused(Errno error)
    {
        string? advice = error switch
        {
            Errno.ENOSYS => "Linux 5.6 or newer has what is needed",
            Errno.EPERM => "allow it: sysctl kernel.io_uring_disabled=0, or in the seccomp profile of the container",
            Errno.ENOMEM => "raise the limit of locked memory of this process (ulimit -l, LimitMEMLOCK=)",
            Errno.EMFILE => "raise the hard limit of open files of this process (ulimit -Hn, LimitNOFILE=)",
            _ => null,
        };
        return new LinuxException("io_uring_setup", error, "requests to a file", advice);
    }

    /// <summary>True for a signal, false for a shortage that passes; everything else means that this class is wrong.</summary>
    private static bool IsInterrupted(Errno error) => error switch
    {
        Errno.EINTR => true,
        Errno.EAGAIN or Errno.EBUSY or Errno.ENOMEM => false,
        _ => throw new LinuxException("io_uring_enter", error, "requests to a file"),
    };

    /// <summary>Returns how many requests the kernel took.</summary>
    private nint Enter(int toSubmit, int minComplete, uint flags)
    {
        nint taken = Libc.IoUringEnter(
            Libc.SYS_io_uring_enter, Descriptor.Number, (nuint)toSubmit, (nuint)minComplete, flags, null, 0);
        _started += taken > 0 ? (uint)taken : 0;
        return taken;
    }

    private uint* Word(uint offset) => (uint*)(_rings.Address + (nint)offset);
}
