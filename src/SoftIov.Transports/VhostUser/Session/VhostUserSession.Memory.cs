using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <content>What the front-end shares of its memory.</content>
internal sealed partial class VhostUserSession
{
    private void RunMemory(VhostUserRequest request)
    {
        const int Padding = 8;
        if (request == VhostUserRequest.SetMemTable)
        {
            SetMemTable();
            return;
        }

        if (!HasPayload(Padding + RegionRequest.Length))
            return;
        RegionRequest region = RegionRequest.Read(_message.Payload[Padding..]);
        if (request == VhostUserRequest.RemMemReg)
            Check(_memory.Remove(region));
        else if (_message.Descriptors.Count != 1)
            Refuse("a region comes with the descriptor of its file");
        else if (_memory.Count >= VhostUserLimits.MemorySlots)
            Refuse($"there are {VhostUserLimits.MemorySlots} regions already");
        else
            Check(_memory.Add(region, _message.Descriptors[0]));
        MoveRings();
    }

    private void SetMemTable()
    {
        const int HeaderLength = 8;
        if (!HasPayload(HeaderLength))
            return;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(_message.Payload);
        if (count > VhostUserLimits.Descriptors || count != _message.Descriptors.Count)
            Refuse($"{count} regions with {_message.Descriptors.Count} descriptors; there are up to {VhostUserLimits.Descriptors}, one with each");
        else if (HasPayload(HeaderLength + ((int)count * RegionRequest.Length)))
            SetMemTable(_message.Payload[HeaderLength..], (int)count);
    }

    private void SetMemTable(ReadOnlySpan<byte> payload, int count)
    {
        Span<RegionRequest> regions = stackalloc RegionRequest[VhostUserLimits.Descriptors];
        for (int i = 0; i < count; i++)
            regions[i] = RegionRequest.Read(payload[(i * RegionRequest.Length)..]);
        Check(_memory.Replace(regions[..count], _message));
        MoveRings();
    }

    private void Check(Errno error)
    {
        if (error == Errno.None)
            return;
        Refuse(error switch
        {
            Errno.EPERM => "its file is not sealed against shrinking, or of huge pages "
                + "(QEMU: memory-backend-memfd without hugetlb, or allow it: allowUnsealedMemory)",
            Errno.ENOSPC or Errno.ENOMEM => "there is no room for it: too many files or bytes are mapped",
            Errno.EINVAL => "it is empty, wraps, or is in no memory file, or reaches beyond its end",
            Errno.EEXIST => "it overlaps another region",
            Errno.ENOENT => "there is no such region",
            _ => error.ToString(),
        });
    }
}
