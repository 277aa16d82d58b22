using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// A state on its way through a descriptor of the front-end's, on a thread of its own: reading, writing and closing it take as long as whoever
/// is at its other end likes. One that does not block now may block in the next call, and a pipe's lock is held while its other side copies.
/// </summary>
internal sealed class StateTransfer
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FileDescriptor _pipe;
    private readonly byte[] _bytes;
    private readonly bool _isSaving;
    private int _length;
    private bool _isWhole;

    private StateTransfer(FileDescriptor pipe, byte[] bytes, bool isSaving)
    {
        _pipe = pipe;
        _bytes = bytes;
        _isSaving = isSaving;
        new Thread(Run) { IsBackground = true, Name = "state" }.Start();
    }

    /// <summary>Completes, never faulted, when the descriptor is closed.</summary>
    public Task Done => _done.Task;

    /// <summary>Begins to write a state; the descriptor is closed behind it.</summary>
    public static StateTransfer Save(FileDescriptor pipe, in SavedState state)
    {
        byte[] bytes = new byte[SavedState.Length];
        state.Write(bytes);
        return new StateTransfer(pipe, bytes, isSaving: true);
    }

    /// <summary>Begins to read what comes, up to its end.</summary>
    public static StateTransfer Load(FileDescriptor pipe) => new(pipe, new byte[SavedState.Length + 1], isSaving: false);

    /// <summary>
    /// Whether a state went or came whole, and is one for a device that offers these features. False while it is not <see cref="Done"/>.
    /// </summary>
    public bool IsGood(ulong offered)
    {
        if (!Done.IsCompleted || !_isWhole)
            return false;
        return _isSaving || (SavedState.TryRead(_bytes.AsSpan(0, _length), out SavedState state) && (state.Features & ~offered) == 0);
    }

    private void Run()
    {
        try
        {
            _isWhole = _isSaving ? TryWrite() : TryRead();
            _pipe.Dispose();
        }
        finally
        {
            _done.SetResult();
        }
    }

    private bool TryWrite()
    {
        while (_length < _bytes.Length)
        {
            IoResult result = _pipe.Write(_bytes.AsSpan(_length));
            if (result.WouldBlock)
                Wait(isWriting: true);
            else if (!result.Ok && result.Error != Errno.EINTR)
                return false;
            _length += result.Bytes;
        }

        return true;
    }

    private bool TryRead()
    {
        while (_length < _bytes.Length)
        {
            IoResult result = _pipe.Read(_bytes.AsSpan(_length));
            if (result is { Ok: true, Bytes: 0 })
                return true;
            if (result.WouldBlock)
                Wait(isWriting: false);
            else if (!result.Ok && result.Error != Errno.EINTR)
                return false;
            _length += result.Bytes;
        }

        return false;
    }

    /// <summary>One that is said to be ready and never is keeps no processor busy.</summary>
    private void Wait(bool isWriting)
    {
        const int Milliseconds = 10;
        _ = isWriting
            ? PollDescriptor.WaitWritable(_pipe, Timeout.InfiniteTimeSpan)
            : PollDescriptor.WaitReadable(_pipe, Timeout.InfiniteTimeSpan);
        Thread.Sleep(Milliseconds);
    }
}
