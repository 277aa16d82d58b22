using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <content>
/// The back-end's own state on its way to another host, through a pipe of the front-end's. Nobody but this session waits for whoever is at its
/// other end, and not for long.
/// </content>
internal sealed partial class VhostUserSession
{
    private const int StateRequestLength = 8;
    private const uint Save = 0;
    private const uint Load = 1;
    private const ulong NoDescriptorBack = 1 << 8;
    private const ulong StateError = 1;

    private StateTransfer? _transfer;
    private bool _isStateRefused;

    /// <summary>The message that is answered when the transfer is over; while there is one no other is served.</summary>
    private VhostUserHeader? _unanswered;

    /// <summary>
    /// One transfer at a time and socket, whoever began it: a front-end that comes back again and again holds one thread and one descriptor.
    /// </summary>
    private void SetStatePipe()
    {
        uint direction = BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload);
        uint phase = BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload[sizeof(uint)..]);
        bool isGood = _message.Descriptors.Count == 1 && phase == 0 && direction is Save or Load && !_rings.Any(static ring => ring.IsStarted);
        _isStateRefused = !isGood || _socket.Transfer is { Done.IsCompleted: false };
        _transfer = null;
        if (!_isStateRefused)
        {
            _transfer = direction == Save
                ? StateTransfer.Save(_message.Descriptors.Take(0), new SavedState(_features & ~VhostFeatures.All))
                : StateTransfer.Load(_message.Descriptors.Take(0));
            _socket.Transfer = _transfer;
        }

        Reply(NoDescriptorBack | (_isStateRefused ? StateError : 0));
    }

    /// <summary>The front-end has read or written all and closed its end, so the transfer is over, or will be in a moment.</summary>
    private void CheckState(in VhostUserHeader header)
    {
        if (_transfer is { Done.IsCompleted: false } transfer)
            AwaitState(header, transfer);
        else
            ReplyState();
    }

    private void AwaitState(in VhostUserHeader header, StateTransfer transfer)
    {
        _unanswered = header;
        _socket.Server.Loop.Events.Remove(Stream.Descriptor); // what it sends meanwhile would keep the loop busy
        transfer.Done.WaitAsync(_socket.Server.Settings.StateTimeout, _socket.Server.Time).ContinueWith(
            waited =>
            {
                _ = waited.Exception; // the time is over, which counts as a transfer that failed
                _socket.Sessions.Post(this, static session => session.AnswerState());
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    private void AnswerState()
    {
        VhostUserHeader header = _unanswered!.Value;
        _unanswered = null;
        ReplyState();
        Answer(header);
        _socket.Server.Loop.Events.Add(Stream.Descriptor, EpollEvents.In, _socket.Sessions.StreamToken);
        _socket.Sessions.Serve();
    }

    private void ReplyState() =>
        Reply(_isStateRefused || _transfer?.IsGood((ulong)_device.RingFeatures) == false ? StateError : 0);
}
