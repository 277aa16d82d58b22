namespace SoftIov.Api;

/// <summary>What the operator wants of one VF: what all personalities have.</summary>
/// <param name="Interrupts">interrupts: MSI-X, or something that today's QEMU can unplug the VF with.</param>
/// <param name="Owner">owner: user name or id that holds the lease; null leaves it to root and the daemon's own user.</param>
public abstract record VfSpec(InterruptMode Interrupts, string? Owner);
