namespace SoftIov.Api;

/// <summary>A VF's rings as a front-end uses them: a virtio-net device of its own in front of them.</summary>
/// <param name="Socket">Where the front-end connects, or listens.</param>
/// <param name="IsFrontEndServer">The front-end listens, and the daemon connects.</param>
/// <param name="Mac">Address of the VF: what the guest's device must have too.</param>
/// <param name="QueuePairs">Queue pairs.</param>
/// <param name="Mtu">Largest payload of a frame in bytes.</param>
public sealed record VhostUserDevice(string Socket, bool IsFrontEndServer, string Mac, int QueuePairs, int Mtu)
{
    /// <summary>Payload of a frame on an Ethernet that nobody configured.</summary>
    public const int UsualMtu = 1500;
}
