using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>The client that has an endpoint, as it stood when asked.</summary>
/// <param name="Peer">Who connected.</param>
/// <param name="Since">When the version was agreed on.</param>
/// <param name="MappedBytes">Bytes of guest address space it mapped, with and without files.</param>
public sealed record VfioUserAttachment(PeerCredentials Peer, DateTimeOffset Since, long MappedBytes);
