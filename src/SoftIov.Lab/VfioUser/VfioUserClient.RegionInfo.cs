using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <content>What regions are like, and mapping them.</content>
public sealed partial class VfioUserClient
{
    private const int RegionInfoLength = 32;
    private const ushort SparseMapCapability = 1;

    /// <summary>DEVICE_GET_REGION_INFO, without room for capabilities.</summary>
    public RegionInfo GetRegionInfo(int region)
    {
        Answer answer = AskRegionInfo(region, RegionInfoLength);
        answer.File?.Dispose();
        return ReadRegionInfo(answer.Payload);
    }

    /// <summary>The part of a region that can be mapped, asked for as a VMM does; null when none can.</summary>
    public MappableRegion? GetMappableRegion(int region)
    {
        RegionInfo brief = GetRegionInfo(region);
        if (!brief.IsMappable)
            return null;
        Answer answer = AskRegionInfo(region, (int)brief.ArgumentSize);
        FileDescriptor file = answer.File ?? throw new VfioUserException(ClientMessage.GetRegionInfo, Errno.EPROTO, "no file to map");
        RegionInfo info = ReadRegionInfo(answer.Payload);
        List<RegionArea> areas = info.HasCapabilities ? ReadAreas(answer.Payload, (int)info.CapabilityOffset) : [new(0, info.Size)];
        return new MappableRegion(info, areas, file);
    }

    private Answer AskRegionInfo(int region, int argumentSize)
    {
        Span<byte> payload = stackalloc byte[RegionInfoLength];
        payload.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(payload, argumentSize);
        BinaryPrimitives.WriteInt32LittleEndian(payload[8..], region);
        return Ask(ClientMessage.GetRegionInfo, payload, default);
    }

    private static RegionInfo ReadRegionInfo(ReadOnlySpan<byte> answer) => new(
        Word(answer, 0),
        Word(answer, 4),
        Word(answer, 8),
        Word(answer, 12),
        BinaryPrimitives.ReadUInt64LittleEndian(answer[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(answer[24..]));

    /// <summary>Areas of the sparse mmap capability; of regions with another one only, none.</summary>
    private static List<RegionArea> ReadAreas(ReadOnlySpan<byte> answer, int capability)
    {
        const int HeaderLength = 16;
        const int AreaLength = 16;
        List<RegionArea> areas = [];
        while (capability != 0)
        {
            ReadOnlySpan<byte> bytes = answer[capability..];
            bool isSparse = BinaryPrimitives.ReadUInt16LittleEndian(bytes) == SparseMapCapability;
            for (int i = 0, count = isSparse ? (int)Word(bytes, 8) : 0; i < count; i++)
            {
                ReadOnlySpan<byte> area = bytes[(HeaderLength + i * AreaLength)..];
                areas.Add(new(BinaryPrimitives.ReadUInt64LittleEndian(area), BinaryPrimitives.ReadUInt64LittleEndian(area[8..])));
            }

            capability = (int)Word(bytes, 4);
        }

        return areas;
    }
}
