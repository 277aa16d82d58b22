using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <content>Region accesses and reset: the endpoint's registers.</content>
internal sealed partial class VfioUserSession
{
    private Errno ReadRegion(ReadOnlySpan<byte> body, out int length)
    {
        length = 0;
        if (body.Length != RegionAccess.Length)
            return Errno.EINVAL;
        RegionAccess access = RegionAccess.Read(body);
        Errno error = Check(access);
        if (error != Errno.None)
            return error;
        length = RegionAccess.Length + (int)access.Count;
        ReservePayload(length);
        body.CopyTo(Payload);
        Span<byte> data = Payload[RegionAccess.Length..length];
        if (access.Region == RegionIndex.Config)
            _endpoint.ReadConfig((int)access.Offset, data);
        else
            _endpoint.ReadBar((int)access.Region, access.Offset, data);
        return Errno.None;
    }

    private Errno WriteRegion(ReadOnlySpan<byte> body, out int length)
    {
        length = RegionAccess.Length;
        if (body.Length < RegionAccess.Length)
            return Errno.EINVAL;
        RegionAccess access = RegionAccess.Read(body);
        if ((uint)(body.Length - RegionAccess.Length) != access.Count)
            return Errno.EINVAL;
        Errno error = Write(access, body[RegionAccess.Length..]);
        if (error == Errno.None)
            body[..RegionAccess.Length].CopyTo(Payload);
        return error;
    }

    /// <summary>
    /// Writes that the client collected: as if each had come alone, so a bad one does not keep the others from being done.
    /// </summary>
    private Errno WriteRegions(ReadOnlySpan<byte> body, out int length)
    {
        const int EntryLength = RegionAccess.Length + RegionAccess.MultiData;
        length = sizeof(ulong);
        if (body.Length < sizeof(ulong) || (body.Length - sizeof(ulong)) % EntryLength != 0)
            return Errno.EINVAL;
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(body);
        ReadOnlySpan<byte> entries = body[sizeof(ulong)..];
        if (count != (ulong)(entries.Length / EntryLength))
            return Errno.EINVAL;
        Errno first = Errno.None;
        for (; !entries.IsEmpty; entries = entries[EntryLength..])
        {
            RegionAccess access = RegionAccess.Read(entries);
            Errno error = access.Count > RegionAccess.MultiData
                ? Errno.EINVAL
                : Write(access, entries.Slice(RegionAccess.Length, (int)access.Count));
            first = first == Errno.None ? error : first;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(Payload, count);
        return first;
    }

    private Errno Write(in RegionAccess access, ReadOnlySpan<byte> data)
    {
        Errno error = Check(access);
        if (error != Errno.None)
            return error;
        if (access.Region == RegionIndex.Config)
            _endpoint.WriteConfig((int)access.Offset, data);
        else
            _endpoint.WriteBar((int)access.Region, access.Offset, data);
        return Errno.None;
    }

    private Errno Check(in RegionAccess access)
    {
        if (access.Count > ProtocolLimits.Transfer)
            return Errno.E2BIG;
        ulong size = access.Region < RegionIndex.Count ? RegionSize(access.Region) : 0;
        return access.Count != 0 && access.Offset < size && access.Count <= size - access.Offset ? Errno.None : Errno.EINVAL;
    }

    private Errno Reset()
    {
        _messages!.Suspend();
        _endpoint.Reset();
        _messages.Resume();
        return Errno.None;
    }
}
