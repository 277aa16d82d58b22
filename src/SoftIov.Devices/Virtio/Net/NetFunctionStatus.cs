using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>What a network function and its driver agreed on, at one moment.</summary>
public sealed record NetFunctionStatus
{
    /// <summary>device_status (virtio 1.4, 2.1).</summary>
    public required byte DeviceStatus { get; init; }

    /// <summary>A driver is at work: DRIVER_OK, and not failed.</summary>
    public required bool IsLive { get; init; }

    /// <summary>The device waits for a reset.</summary>
    public required bool NeedsReset { get; init; }

    /// <summary>Negotiated features; what the driver wrote so far before FEATURES_OK.</summary>
    public required VirtioFeatures Features { get; init; }

    /// <summary>Features offered.</summary>
    public required VirtioFeatures OfferedFeatures { get; init; }

    /// <summary>Address as config space shows it.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>Queue pairs in use.</summary>
    public required int ActivePairs { get; init; }

    /// <summary>Link as the driver sees it.</summary>
    public required bool LinkUp { get; init; }

    /// <summary>What the driver asked to receive.</summary>
    public required ReceiveFilter Filter { get; init; }
}
