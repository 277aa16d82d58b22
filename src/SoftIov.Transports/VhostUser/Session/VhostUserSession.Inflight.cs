using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <content>
/// Memory that outlives this process and tells what rings have in flight. It is made here, kept by the front-end, and given to whoever serves
/// the rings next.
/// </content>
internal sealed partial class VhostUserSession
{
    private InflightDescription _inflight;
    private FileView? _inflightView;

    private void RunInflight(VhostUserRequest request)
    {
        InflightDescription wanted = InflightDescription.Read(_message.Payload);
        bool isPossible = wanted.Rings > 0 && wanted.Rings <= _rings.Length && wanted.RingSize > 0 && wanted.RingSize <= _device.MaxRingSize;
        if (_rings.Any(static ring => ring.IsStarted))
            Refuse("rings run");
        else if (!isPossible)
            Refuse($"{wanted.Rings} rings of {wanted.RingSize} entries; there are {_rings.Length} of up to {_device.MaxRingSize}");
        else if (request == VhostUserRequest.GetInflightFd)
            MakeInflight(wanted.Rings, wanted.RingSize);
        else if (_message.Descriptors.Count != 1)
            Refuse("a region comes with the descriptor of its file");
        else
            UseInflight(wanted, _message.Descriptors[0]);
    }

    /// <summary>Its layout is that of the features which were chosen.</summary>
    private void MakeInflight(ushort rings, ushort ringSize)
    {
        InflightDescription made = new((ulong)(rings * InflightRegion.LengthOf(ringSize, IsPacked)), 0, rings, ringSize);
        FileDescriptor file = MemoryFile.Create("softiov-inflight", (long)made.Size);
        UseInflight(made, file);
        made.Write(AnswerPayload);
        AnswerPayload[InflightDescription.Length..].Clear();
        _answerLength = Math.Min((int)_message.Header.Size, InflightDescription.PaddedLength);
        _answerFile = file;
    }

    private void UseInflight(in InflightDescription description, FileDescriptor file)
    {
        FileView? view = null;
        Errno error = Errno.EINVAL;
        if (description.Size > 0 && description.Offset % sizeof(ulong) == 0)
            view = _files.Acquire(file, description.Offset, description.Size, needsWrite: true, out error);
        if (view is null)
        {
            Check(error);
            return;
        }

        ReleaseInflight(view);
        _inflight = description;
    }

    private void ReleaseInflight(FileView? successor)
    {
        foreach (FrontEndRing ring in _rings)
            ring.Inflight = null;
        if (_inflightView is not null)
            _files.Release(_inflightView);
        _inflightView = successor;
    }

    /// <summary>Goes on where the region says that the ring stood, if there is one. What no back-end has written is refused.</summary>
    private bool TryResume(FrontEndRing ring, in VirtqueueLayout layout, ref VirtqueueCursor position)
    {
        if (_inflightView is not { } view)
            return true;
        long length = InflightRegion.LengthOf(_inflight.RingSize, IsPacked);
        bool isThere = ring.Index < _inflight.Rings && (ulong)((ring.Index + 1) * length) <= _inflight.Size;
        ring.Inflight = isThere
            ? InflightRegion.At(view.Memory, (long)_inflight.Offset + (ring.Index * length), _inflight.RingSize, IsPacked)
            : null;
        if (ring.Inflight?.TryResume(Endpoint.Dma, layout, ref position) == true)
            return true;
        Refuse($"the region of ring {ring.Index} that tells what is in flight is too short or makes no sense, or the ring cannot stand there");
        return false;
    }
}
