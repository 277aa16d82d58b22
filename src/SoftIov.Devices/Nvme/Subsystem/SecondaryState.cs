namespace SoftIov.Devices.Nvme;

/// <summary>A secondary controller just now (NVMe 1.4, figure 262).</summary>
/// <param name="IsEnabled">The VF is enabled.</param>
/// <param name="IsOnline">The controller is online.</param>
/// <param name="Resources">What it has of its own or was assigned.</param>
public readonly record struct SecondaryState(bool IsEnabled, bool IsOnline, ControllerResources Resources);
