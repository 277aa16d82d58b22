namespace SoftIov.Devices.Virtio.Net;

/// <summary>Where a frame goes and what its header reports.</summary>
/// <param name="Hash">RSS hash, 0 when none was calculated.</param>
/// <param name="Report">hash_report (virtio 1.4, 5.1.6.4.3.4).</param>
/// <param name="Pair">Receive queue pair.</param>
internal readonly record struct SteeredFrame(uint Hash, ushort Report, ushort Pair);
