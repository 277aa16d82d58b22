namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// The stores of a lane. They outlive it: a driver that resets its function in a loop must not make megabytes of garbage each time.
/// </summary>
internal sealed class LaneStores
{
    /// <summary>Towards the driver.</summary>
    public FrameStore In { get; } = new();

    /// <summary>From the driver.</summary>
    public FrameStore Out { get; } = new();

    /// <summary>As new; no lane uses them.</summary>
    public LaneStores Empty()
    {
        In.Clear();
        Out.Clear();
        return this;
    }
}
