namespace SoftIov.Api;

/// <summary>Bounds of the control protocol: one JSON-RPC 2.0 message per line, UTF-8, ended by a line feed.</summary>
public static class ControlLimits
{
    /// <summary>Longest request in bytes; the daemon answers a longer one with an error and closes the connection.</summary>
    public const int RequestBytes = 1 << 20;

    /// <summary>Longest response or notification in bytes that a client accepts: the status of 65535 VFs fits.</summary>
    public const int ResponseBytes = 1 << 26;

    /// <summary>Deepest nesting of a message.</summary>
    public const int Depth = 16;

    /// <summary>Connections at a time; one more is closed at once.</summary>
    public const int Connections = 64;
}
