using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Hosting;

/// <summary>
/// The daemon's adapters: changed by plans, asked and attached by the control protocol. One call at a time. What a target names and is not
/// there is a <see cref="ControlException"/> with <see cref="ControlErrorCode.NotFound"/>.
/// </summary>
internal interface IAdapters : IAdapterHost
{
    /// <summary>All adapters and their functions as they are.</summary>
    IReadOnlyList<AdapterStatus> Status();

    /// <summary>The pollers of all adapters.</summary>
    IReadOnlyList<PollerStats> Pollers();

    /// <summary>Everything about one target.</summary>
    IReadOnlyList<DescribeSection> Describe(TargetName target);

    /// <summary>
    /// Configuration space of one of the target's functions as <c>lspci -F</c> reads it; an adapter's first is its PF, with the port above it when
    /// it is served whole.
    /// </summary>
    LspciResult Lspci(TargetName target, FunctionView view, int from);

    /// <summary>A function and who has it.</summary>
    FunctionStatus Function(TargetName target);

    /// <summary>Whether the function has an MSI-X capability.</summary>
    bool HasMsix(TargetName target);

    /// <summary>How a front-end uses a function that is served by vhost-user; null when it is served by vfio-user.</summary>
    VhostUserDevice? RingsOf(TargetName target);

    /// <summary>Memory BARs of a function, or of the endpoint of an adapter served whole.</summary>
    IReadOnlyList<PciBar> BarsOf(TargetName target);

    /// <summary>Gives the lease of a function to a user; null leaves it to policy (decision D11).</summary>
    void Lease(TargetName target, uint? userId);

    /// <summary>Who has the lease of a function, or of an adapter served whole; null leaves it to root and the daemon's own user.</summary>
    uint? OwnerOf(TargetName target);

    /// <summary>Ends the attachment of a function; its socket stays.</summary>
    void Disconnect(TargetName target, string reason);

    /// <summary>
    /// Injects <paramref name="fault"/>, or ends what was injected; null only lists. What makes no sense for the target is a
    /// <see cref="ControlException"/> that says why.
    /// </summary>
    InjectResult Inject(TargetName target, string? fault, IReadOnlyDictionary<string, string> values);

    /// <summary>Captures frames of a port until the result is disposed; pieces of a pcap file go to <paramref name="sink"/>.</summary>
    IAsyncDisposable Capture(TargetName target, int snapLengthBytes, CaptureSink sink);
}
