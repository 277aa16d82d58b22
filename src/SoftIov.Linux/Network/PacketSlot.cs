using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>One received frame in a packet socket's ring.</summary>
public readonly ref struct PacketSlot
{
    /// <summary>The frame's bytes, or its first bytes when it was longer than the slot; tags that hardware took off are not among them.</summary>
    public required Segment Bytes { get; init; }

    /// <summary>The virtio_net_hdr of the frame, <see cref="TapDevice.HeaderBytes"/> long, in host byte order.</summary>
    public required ReadOnlySpan<byte> Header { get; init; }

    /// <summary>Length of the frame in bytes.</summary>
    public required int Length { get; init; }

    /// <summary>The whole frame waits in the socket's queue: see <see cref="PacketSocket.TakeQueued"/>.</summary>
    public required bool IsQueued { get; init; }

    /// <summary>Frames were lost lately: see <see cref="PacketSocket.TakeLostCount"/>.</summary>
    public required bool FollowsLoss { get; init; }

    /// <summary>Protocol of the VLAN tag that was taken off, 8100h or 88A8h; 0 when there was none.</summary>
    public required ushort VlanProtocol { get; init; }

    /// <summary>PCP, DEI and VLAN id of that tag.</summary>
    public required ushort VlanControl { get; init; }

    /// <summary>Whether all of the frame is in <see cref="Bytes"/>.</summary>
    public bool IsWhole => Bytes.Length == Length;
}
