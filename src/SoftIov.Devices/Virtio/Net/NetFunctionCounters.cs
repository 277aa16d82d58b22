namespace SoftIov.Devices.Virtio.Net;

/// <summary>What happened in a network function since it was made; resets do not clear it. Frames are counted at its switch port.</summary>
public sealed class NetFunctionCounters
{
#pragma warning disable CA1051 // fields on purpose: counters are added to in place
    /// <summary>Control commands done, well or not.</summary>
    public long ControlCommands;

    /// <summary>Control commands answered with an error.</summary>
    public long ControlErrors;

    /// <summary>Transmit requests that never became a frame: length, header or offload request wrong.</summary>
    public long TransmitMalformed;

    /// <summary>Frames that found too few or too small receive buffers.</summary>
    public long ReceiveNoBuffer;
#pragma warning restore CA1051

    /// <summary>Doorbells, interrupts, resets and faults.</summary>
    public VirtioCounters Transport { get; } = new();
}
