namespace SoftIov.Pcie;

/// <summary>What a device finds above itself.</summary>
internal interface IUpstreamPort : IMessageSignal
{
    /// <summary>
    /// Requests and messages of functions may pass upwards. When it changes the port says so by <see cref="IBusDevice.UpstreamChanged"/>.
    /// </summary>
    bool ForwardsUpstream { get; }

    /// <summary>Takes an error message; false when the port passes none on. Called under the device's lock.</summary>
    bool Report(in ErrorMessage message);
}
