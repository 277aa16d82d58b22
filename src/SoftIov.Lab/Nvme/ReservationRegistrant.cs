namespace SoftIov.Lab.Nvme;

/// <summary>A registered controller in a reservation report.</summary>
/// <param name="ControllerId">CNTLID.</param>
/// <param name="IsHolder">RCSTS bit 0.</param>
/// <param name="Key">RKEY.</param>
/// <param name="HostId">HOSTID, 16 bytes in hexadecimal.</param>
public sealed record ReservationRegistrant(ushort ControllerId, bool IsHolder, ulong Key, string HostId);
