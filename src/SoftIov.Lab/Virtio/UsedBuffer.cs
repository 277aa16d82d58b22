namespace SoftIov.Lab.Virtio;

/// <summary>A buffer or chain that came back from the device.</summary>
/// <param name="Token">What the driver called it.</param>
/// <param name="Length">Bytes the device wrote into it; the largest number when a device that keeps order did not say.</param>
public readonly record struct UsedBuffer(ushort Token, uint Length);
