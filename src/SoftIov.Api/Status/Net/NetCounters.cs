using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>
/// Traffic of one function from the function's side: rx is what it received. Frames and bytes, as <c>ip -s link</c> names them.
/// </summary>
/// <param name="RxPackets">Frames delivered.</param>
/// <param name="RxBytes">Bytes delivered.</param>
/// <param name="TxPackets">Frames sent and let through by policy.</param>
/// <param name="TxBytes">Bytes sent and let through by policy.</param>
/// <param name="Multicast">Multicast frames delivered.</param>
/// <param name="Broadcast">Broadcast frames delivered.</param>
/// <param name="RxDropped">Frames lost because the receiver had no buffers, no driver or no link.</param>
/// <param name="TxDropped">Frames stopped by policy or malformed.</param>
/// <param name="SpoofDropped">Frames stopped by spoofchk; in <paramref name="TxDropped"/> too.</param>
/// <param name="VlanDropped">Frames stopped by VLAN rules; in <paramref name="TxDropped"/> too.</param>
public sealed record NetCounters(
    long RxPackets,
    long RxBytes,
    long TxPackets,
    long TxBytes,
    long Multicast,
    long Broadcast,
    long RxDropped,
    long TxDropped,
    long SpoofDropped,
    long VlanDropped) : FunctionCounters
{
    /// <inheritdoc/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public override Personality Personality => Personality.Net;
}
