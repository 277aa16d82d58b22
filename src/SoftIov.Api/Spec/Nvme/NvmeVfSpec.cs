using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>What the operator wants of one VF of an nvme adapter.</summary>
/// <param name="Iops">iops: I/O commands a second at most, 0 no limit.</param>
/// <param name="BandwidthMegabytes">bandwidth: MB (10^6 bytes) a second at most, 0 no limit.</param>
/// <param name="Interrupts">interrupts: MSI-X, or MSI or INTx so that today's QEMU can unplug the VF.</param>
/// <param name="Owner">owner: user name or id that holds the lease; null leaves it to root and the daemon's own user.</param>
public sealed record NvmeVfSpec(
    int Iops = 0,
    [property: JsonPropertyName("bandwidth")] int BandwidthMegabytes = 0,
    InterruptMode Interrupts = InterruptMode.Msix,
    string? Owner = null) : VfSpec(Interrupts, Owner)
{
    /// <summary>A VF nobody spoke about: no ceilings, MSI-X.</summary>
    public static NvmeVfSpec Default { get; } = new();
}
