using System.Buffers.Binary;
using SoftIov.Datapath;

namespace SoftIov.Tests.Datapath;

/// <summary>Ethernet frames, written byte by byte.</summary>
internal static class TestFrame
{
    public const ushort LocalExperimental = 0x88B5;

    public static MacAddress Mac(int n) => new(0x0200_0000_0000UL + (ulong)n);

    public static byte[] Plain(MacAddress to, MacAddress from, int length = 60, ushort etherType = LocalExperimental)
    {
        byte[] frame = new byte[length];
        to.CopyTo(frame);
        from.CopyTo(frame.AsSpan(6));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), etherType);
        for (int i = 14; i < length; i++)
        {
            frame[i] = (byte)(i * 7);
        }

        return frame;
    }

    /// <summary>The frame with a tag behind the addresses.</summary>
    public static byte[] Tagged(byte[] frame, int vlan, int priority = 0, ushort protocol = EtherType.CustomerTag)
    {
        byte[] tagged = new byte[frame.Length + 4];
        frame.AsSpan(0, 12).CopyTo(tagged);
        BinaryPrimitives.WriteUInt16BigEndian(tagged.AsSpan(12), protocol);
        BinaryPrimitives.WriteUInt16BigEndian(tagged.AsSpan(14), (ushort)(priority << 13 | vlan));
        frame.AsSpan(12).CopyTo(tagged.AsSpan(16));
        return tagged;
    }
}
