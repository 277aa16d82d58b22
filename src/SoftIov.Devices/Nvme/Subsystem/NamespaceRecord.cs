using System.Collections.Immutable;

namespace SoftIov.Devices.Nvme;

/// <summary>All of a namespace that survives a restart.</summary>
public sealed record NamespaceRecord
{
    /// <summary>Its identifier (NSID), 1..<see cref="SubsystemSettings.MaxNamespaces"/>.</summary>
    public required uint Id { get; init; }

    /// <summary>Bytes it was made with; its blocks are as many as fit (NSZE).</summary>
    public required long Length { get; init; }

    /// <summary>LBA format: 0 is 512 bytes a block, 1 is 4096.</summary>
    public required int Format { get; init; }

    /// <summary>True when several controllers may have it at once (NMIC bit 0).</summary>
    public bool IsShared { get; init; }

    /// <summary>UUID (RFC 9562).</summary>
    public required Guid Uuid { get; init; }

    /// <summary>NGUID, the most significant byte first.</summary>
    public required UInt128 Nguid { get; init; }

    /// <summary>EUI-64, the most significant byte first.</summary>
    public required ulong Eui64 { get; init; }

    /// <summary>Where its bytes are in the store, in the order of its blocks: at least <see cref="Length"/> bytes together.</summary>
    public required ImmutableArray<Extent> Extents { get; init; }

    /// <summary>Controllers it is attached to, ascending.</summary>
    public ImmutableArray<ushort> Controllers { get; init; } = [];

    /// <summary>True when it is write protected also after a restart.</summary>
    public bool IsWriteProtected { get; init; }

    /// <summary>Registrants and reservation that survive a loss of power; null when none do.</summary>
    public ReservationRecord? Reservation { get; init; }

    /// <summary>True while its data are being erased: nobody may see them, and whoever loads the record erases first.</summary>
    public bool IsErasing { get; init; }
}
