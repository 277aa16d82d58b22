using SoftIov.Lab.Virtio;

namespace SoftIov.Lab.VhostUser;

/// <summary>How a <see cref="VhostUserNetDriver"/> sets its device up.</summary>
public sealed record FrontEndOptions
{
    /// <summary>Features of a driver that does no offloads.</summary>
    public const VirtioFeature Plain =
        VirtioFeature.Version1 | VirtioFeature.MrgRxbuf | VirtioFeature.IndirectDesc | VirtioFeature.EventIdx | VirtioFeature.Mtu;

    /// <summary>Rings and buffers; its features and pairs too.</summary>
    public NetDriverOptions Driver { get; init; } = new() { Features = Plain };

    /// <summary>Gives the memory over as one region with ADD_MEM_REG, not as a table.</summary>
    public bool UsesMemorySlots { get; init; }

    /// <summary>Keeps for the back-end what it has in flight (INFLIGHT_SHMFD).</summary>
    public bool TracksInflight { get; init; }

    /// <summary>Has an IOMMU in front of the device (ACCESS_PLATFORM): rings and buffers have its addresses.</summary>
    public bool HasIommu { get; init; }

    /// <summary>What the front-end's addresses are more than the guest's.</summary>
    public ulong UserOffset { get; init; } = 0x7F00_0000_0000;
}
