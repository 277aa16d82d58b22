using System.Buffers.Binary;
using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <content>VERSION, and what the device consists of.</content>
internal sealed partial class VfioUserSession
{
    private const int DeviceInfoLength = 16;
    private const int RegionInfoLength = 32;
    private const int SharedRegionInfoLength = 64;
    private const int RegionIoFdsLength = 16;
    private const int IrqInfoLength = 16;
    private const int FeatureLength = 8;

    private Errno AgreeOnVersion(ReadOnlySpan<byte> body, out int length)
    {
        length = 0;
        Errno error = VersionProposal.TryRead(body, out VersionProposal proposal);
        if (error != Errno.None)
            return error;
        _pages = _endpoint.Shared is { } place ? new SharedPages(_endpoint.Name, place) : null;
        _messages = new MessageDma(this, _endpoint.Dma, proposal.Transfer);
        _endpoint.Dma.Messages = _messages;
        _endpoint.Interrupts = _interrupts;
        Since = Time.GetUtcNow();
        _endpoint.ShareMemory(_pages?.Memory);
        _socket.SessionAgreed(this);
        length = VersionProposal.Answer.Length;
        VersionProposal.Answer.CopyTo(Payload);
        return Errno.None;
    }

    private Errno GetInfo(ReadOnlySpan<byte> body, out int length)
    {
        const uint HasReset = 1;
        const uint IsPci = 2;
        length = DeviceInfoLength;
        if (!AnnouncesSize(body, DeviceInfoLength))
            return Errno.EINVAL;
        WriteWords(Payload, DeviceInfoLength, HasReset | IsPci, RegionIndex.Count, IrqIndex.Count);
        return Errno.None;
    }

    /// <summary>A region that is not there has size 0 and is no error: clients ask for all of them.</summary>
    private Errno GetRegionInfo(ReadOnlySpan<byte> body, out int length)
    {
        const uint Readable = 1;
        const uint Writable = 2;
        length = RegionInfoLength;
        if (!AnnouncesSize(body, RegionInfoLength))
            return Errno.EINVAL;
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        if (index >= RegionIndex.Count)
            return Errno.EINVAL;
        ulong size = RegionSize(index);
        WriteWords(Payload, RegionInfoLength, size == 0 ? 0 : Readable | Writable, index, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(Payload[16..], size);
        BinaryPrimitives.WriteUInt64LittleEndian(Payload[24..], 0);
        if (_pages is { } pages && pages.Place.Bar == index)
            length = AddSharedPages(pages, BinaryPrimitives.ReadUInt32LittleEndian(body));
        return Errno.None;
    }

    /// <summary>
    /// The one area of a region that can be mapped, and its file. Clients that have no room for it in the answer are told its size, and ask
    /// again; also those look at where capabilities would begin.
    /// </summary>
    private int AddSharedPages(SharedPages pages, uint room)
    {
        const uint Mappable = 4;
        const uint HasCapabilities = 8;
        const uint SparseMapCapability = 1 | 1 << 16;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(Payload[4..]) | Mappable | HasCapabilities;
        WriteWords(Payload, SharedRegionInfoLength, flags, (uint)pages.Place.Bar, RegionInfoLength);
        if (room < SharedRegionInfoLength)
            return RegionInfoLength;
        WriteWords(Payload[RegionInfoLength..], SparseMapCapability, 0, 1, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(Payload[48..], pages.Place.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(Payload[56..], pages.Place.Length);
        _answerFile = pages.File;
        return SharedRegionInfoLength;
    }

    /// <summary>No region has descriptors to bypass it with.</summary>
    private Errno GetRegionIoFds(ReadOnlySpan<byte> body, out int length)
    {
        length = RegionIoFdsLength;
        if (!AnnouncesSize(body, RegionIoFdsLength))
            return Errno.EINVAL;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        if (flags != 0 || index >= RegionIndex.Count)
            return Errno.EINVAL;
        WriteWords(Payload, RegionIoFdsLength, 0, index, 0);
        return Errno.None;
    }

    private Errno GetIrqInfo(ReadOnlySpan<byte> body, out int length)
    {
        const uint ByEventFd = 1;
        const uint Maskable = 2;
        const uint MasksItself = 4;
        length = IrqInfoLength;
        if (!AnnouncesSize(body, IrqInfoLength))
            return Errno.EINVAL;
        uint index = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        if (index >= IrqIndex.Count)
            return Errno.EINVAL;
        uint flags = index == IrqIndex.Intx ? ByEventFd | Maskable | MasksItself : ByEventFd;
        WriteWords(Payload, IrqInfoLength, flags, index, _interrupts.CountOf(index));
        return Errno.None;
    }

    /// <summary>No feature is there yet, to get, to set or to probe.</summary>
    private static Errno GetFeature(ReadOnlySpan<byte> body) => AnnouncesSize(body, FeatureLength) ? Errno.ENOTTY : Errno.EINVAL;

    /// <summary>The structure is there, and the client takes as much in answer (argsz is its first word).</summary>
    private static bool AnnouncesSize(ReadOnlySpan<byte> body, int length) =>
        body.Length >= length && BinaryPrimitives.ReadUInt32LittleEndian(body) >= length;

    private static void WriteWords(Span<byte> bytes, uint first, uint second, uint third, uint fourth)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, first);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], second);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], third);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], fourth);
    }

    private ulong RegionSize(uint index)
    {
        if (index == RegionIndex.Config)
            return (ulong)_endpoint.ConfigSize;
        if (index >= RegionIndex.Rom)
            return 0;
        BarDescription bar = _endpoint.Bar((int)index);
        return bar.Kind == BarKind.None ? 0 : bar.Size;
    }
}
