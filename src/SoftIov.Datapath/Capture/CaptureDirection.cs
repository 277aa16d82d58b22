namespace SoftIov.Datapath;

/// <summary>Which way a captured frame went, from the function's side.</summary>
public enum CaptureDirection : byte
{
    /// <summary>The function sent it; policy may have dropped it afterwards.</summary>
    Sent,

    /// <summary>It was delivered to the function.</summary>
    Received,
}
