using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <content>
/// The log of pages that were written, for a guest that is moved. It is used while the front-end's features say so; marks are guest addresses,
/// those of the rings too, whatever addresses SET_VRING_ADDR has for the log.
/// </content>
internal sealed partial class VhostUserSession
{
    private const int LogLength = 16;

    private FileView? _logView;
    private DirtyLog? _log;

    /// <summary>Another log, or the first. When this returns the former is used no more.</summary>
    private void SetLog()
    {
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(_message.Payload);
        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(_message.Payload[sizeof(ulong)..]);
        if (_message.Descriptors.Count != 1 || (size | offset) % DirtyLog.Alignment != 0)
        {
            Refuse($"a log comes with the descriptor of its file, and its place and length are multiples of {DirtyLog.Alignment}");
            return;
        }

        FileView? view = _files.Acquire(_message.Descriptors[0], offset, size, needsWrite: true, out Errno error);
        if (view is null)
        {
            Check(error);
            return;
        }

        _log = new DirtyLog(view.Memory, (long)offset, (long)size);
        UseLog();
        ReleaseLog(view);
        if (_protocol.HasFlag(ProtocolFeatures.LogShmfd))
            Reply(0);
    }

    private void UseLog() => Endpoint.Dma.Log = (_features & VhostFeatures.LogAll) != 0 ? _log : null;

    private void EndLog()
    {
        Endpoint.Dma.Log = null;
        _log = null;
        ReleaseLog(null);
    }

    private void ReleaseLog(FileView? successor)
    {
        if (_logView is not null)
            _files.Release(_logView);
        _logView = successor;
    }
}
