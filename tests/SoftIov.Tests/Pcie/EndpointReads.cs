using System.Buffers.Binary;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>Register access through an assigned view, as a VMM has it.</summary>
internal static class EndpointReads
{
    public static ushort Read16(this IEndpoint endpoint, int offset) => (ushort)endpoint.Read32(offset);

    public static byte Read8(this IEndpoint endpoint, int offset) => (byte)endpoint.Read32(offset);

    public static uint Read32(this IEndpoint endpoint, int offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        endpoint.ReadConfig(offset, bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    public static void Write32(this IEndpoint endpoint, int offset, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        endpoint.WriteConfig(offset, bytes);
    }

    public static void Write16(this IEndpoint endpoint, int offset, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        endpoint.WriteConfig(offset, bytes);
    }

    /// <summary>Offset of a capability; 0 when it is not in the list.</summary>
    public static int FindCapability(this IEndpoint endpoint, byte id)
    {
        for (int at = endpoint.Read8(0x34); at != 0; at = endpoint.Read8(at + 1))
        {
            if (endpoint.Read8(at) == id)
                return at;
        }

        return 0;
    }

    /// <summary>IDs of the extended capabilities in list order.</summary>
    public static List<ushort> ExtendedIds(this IEndpoint endpoint)
    {
        List<ushort> ids = [];
        for (int at = 0x100; at != 0; at = (int)(endpoint.Read32(at) >> 20))
            ids.Add(endpoint.Read16(at));
        return ids;
    }
}
