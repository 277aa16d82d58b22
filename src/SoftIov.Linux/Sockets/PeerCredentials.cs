namespace SoftIov.Linux;

/// <summary>Who is at the other end of a UNIX socket, as the kernel saw it connect (SO_PEERCRED, unix(7)).</summary>
/// <param name="ProcessId">Process id, in our pid namespace.</param>
/// <param name="UserId">Effective user id.</param>
/// <param name="GroupId">Effective group id.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId);
