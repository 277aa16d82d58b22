using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VfioUser;

/// <content>DMA_MAP and DMA_UNMAP.</content>
internal sealed partial class VfioUserSession
{
    private Errno MapDma(Message command)
    {
        if (command.Body.Length != DmaMapRequest.Length || command.Descriptors.Count > 1)
            return Errno.EINVAL;
        DmaMapRequest request = DmaMapRequest.Read(command.Body);
        Errno error = _memory.Map(request, command.Descriptors.Count == 1 ? command.Descriptors[0] : null);
        if (error == Errno.None && command.Descriptors.Count == 0)
            WarnOfPrivateMemory(request);
        return error;
    }

    /// <summary>ROMs and windows of other devices come without a file, and are small. Memory of a guest that does is a mistake.</summary>
    private void WarnOfPrivateMemory(in DmaMapRequest request)
    {
        const ulong Large = 64 << 20;
        const int MegabyteShift = 20;
        if (request.Size >= Large && (request.Access & DmaAccess.Write) != 0)
        {
            _socket.Warn($"{request.Size >> MegabyteShift} MB of guest memory come without a file and are reached by messages only "
                + "(QEMU: memory-backend-memfd with share=on)");
        }
    }

    /// <summary>
    /// The answer repeats the request, with the bytes that went. Nobody uses the range any more when it is sent: DMA messages under way are
    /// given up first, since a poller that waits for one would be waited for.
    /// </summary>
    private Errno UnmapDma(ReadOnlySpan<byte> body, out int length)
    {
        const int RequestLength = 24;
        const uint All = 2;
        length = RequestLength;
        if (body.Length != RequestLength || BinaryPrimitives.ReadUInt32LittleEndian(body) < RequestLength)
            return Errno.EINVAL;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        ulong iova = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(body[16..]);
        if ((flags & ~All) != 0 || (flags == All && (iova | size) != 0))
            return Errno.EINVAL;
        Errno error = Errno.None;
        ulong bytes = 0;
        _messages!.Suspend();
        if (flags == All)
            bytes = _memory.Clear();
        else
            error = _memory.Unmap(iova, size, out bytes);
        _messages.Resume();
        body.CopyTo(Payload);
        BinaryPrimitives.WriteUInt64LittleEndian(Payload[16..], bytes);
        return error;
    }
}
