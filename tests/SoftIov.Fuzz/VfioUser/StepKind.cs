namespace SoftIov.Fuzz.VfioUser;

/// <summary>What happens in a step of a stream.</summary>
internal enum StepKind
{
    /// <summary>The client sends bytes, maybe with descriptors.</summary>
    Send,

    /// <summary>A poller of the device reads guest memory.</summary>
    Read,

    /// <summary>A poller of the device writes guest memory.</summary>
    Write,

    /// <summary>The client answers the oldest DMA message, if one is there.</summary>
    Answer,

    /// <summary>The client goes and another comes.</summary>
    Reconnect,
}
