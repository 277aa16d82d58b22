namespace SoftIov.Lab.Virtio;

/// <summary>How a driver lays a frame into transmit buffers; a device takes any layout.</summary>
public enum TransmitLayout
{
    /// <summary>Header and frame in one descriptor.</summary>
    OneBuffer,

    /// <summary>A descriptor for the header and one for the frame.</summary>
    TwoBuffers,

    /// <summary>The same two in an indirect table, as Linux does.</summary>
    Indirect,
}
