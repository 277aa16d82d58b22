using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// A message-signalled interrupt: a posted write of one dword. Only a function's MSI-X table or MSI and a root
/// port's MSI make one, with their own routing id in it: there is no way to name another (source id verification looks at it again).
/// </summary>
public readonly struct InterruptMessage
{
    internal InterruptMessage(RequesterId requester, ulong address, uint data)
    {
        Requester = requester;
        Address = address;
        Data = data;
    }

    /// <summary>The function that sends.</summary>
    public RequesterId Requester { get; }

    /// <summary>Message address.</summary>
    public ulong Address { get; }

    /// <summary>Message data.</summary>
    public uint Data { get; }
}
