namespace SoftIov.Pcie;

/// <summary>What a device finds above itself.</summary>
internal interface IUpstreamPort : IMessageSignal
{
    /// <summary>Takes an error message.</summary>
    void Report(in ErrorMessage message);
}
