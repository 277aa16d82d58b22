using SoftIov.Linux;

namespace SoftIov.Transports.VhostUser;

/// <summary>The front-end that has a device, as it stood when asked.</summary>
/// <param name="Peer">Who connected.</param>
/// <param name="Since">When it said its first word.</param>
/// <param name="MappedBytes">Bytes of memory it shared.</param>
public sealed record VhostUserAttachment(PeerCredentials Peer, DateTimeOffset Since, long MappedBytes);
