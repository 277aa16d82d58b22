using SoftIov.Memory;

namespace SoftIov.Devices.Virtio;

/// <summary>A function's driver made the device unusable until reset. Reported at most once per reset and once per second.</summary>
/// <param name="Function">Name of the function, for example net0/3.</param>
/// <param name="Queue">Virtqueue index.</param>
/// <param name="Reason">What was wrong.</param>
/// <param name="Ring">Detail when the reason is <see cref="VirtioFaultReason.RingError"/>.</param>
public readonly record struct VirtioFault(string Function, int Queue, VirtioFaultReason Reason, VirtqueueFault Ring);
