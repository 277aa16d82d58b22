using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <content>
/// The back-end's own state on its way to another host: through a pipe of the front-end's, which is made non-blocking, since the loop must not
/// wait for whoever is at its other end.
/// </content>
internal sealed partial class VhostUserSession
{
    private const int StateRequestLength = 8;
    private const uint Save = 0;
    private const uint Load = 1;
    private const ulong NoDescriptorBack = 1 << 8;
    private const ulong StateError = 1;

    private FileDescriptor? _incoming;
    private bool _isStateBroken;

    private void SetStatePipe()
    {
        uint direction = BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload);
        uint phase = BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload[sizeof(uint)..]);
        bool isGood = _message.Descriptors.Count == 1 && phase == 0 && direction is Save or Load && !_rings.Any(static ring => ring.IsStarted);
        _isStateBroken = !isGood;
        if (isGood)
        {
            FileDescriptor pipe = _message.Descriptors.Take(0);
            pipe.SetNonBlocking();
            if (direction == Save)
                SaveState(pipe);
            else
                ReplaceIncoming(pipe);
        }

        Reply(NoDescriptorBack | (_isStateBroken ? StateError : 0));
    }

    /// <summary>A pipe takes so little at once, or is none.</summary>
    private void SaveState(FileDescriptor pipe)
    {
        Span<byte> bytes = stackalloc byte[SavedState.Length];
        new SavedState(_features & ~VhostFeatures.All).Write(bytes);
        _isStateBroken = pipe.Write(bytes).Bytes != bytes.Length;
        Stream.Unclaimed.Close(pipe);
    }

    /// <summary>The front-end has written all and closed its end, so all is there; what is not there now is an error.</summary>
    private void CheckState()
    {
        if (_incoming is { } pipe)
        {
            Span<byte> bytes = stackalloc byte[SavedState.Length + 1];
            int length = 0;
            IoResult result = default;
            while (length < bytes.Length && (result = pipe.Read(bytes[length..])).Ok && result.Bytes > 0)
                length += result.Bytes;
            bool isWhole = result.Ok && result.Bytes == 0;
            ulong offered = (ulong)_device.RingFeatures;
            _isStateBroken = !isWhole || !SavedState.TryRead(bytes[..length], out SavedState state) || (state.Features & ~offered) != 0;
            ReplaceIncoming(null);
        }

        Reply(_isStateBroken ? StateError : 0);
    }

    private void ReplaceIncoming(FileDescriptor? pipe)
    {
        if (_incoming is not null)
            Stream.Unclaimed.Close(_incoming);
        _incoming = pipe;
    }
}
