namespace SoftIov.Pcie;

/// <summary>How a request on the bus ended (PCIe 2.2.9).</summary>
internal enum Completion
{
    Success,
    UnsupportedRequest,

    /// <summary>Request retry status: not ready yet, ask again.</summary>
    RequestRetry,
}
