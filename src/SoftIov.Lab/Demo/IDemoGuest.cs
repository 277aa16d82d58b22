using SoftIov.Lab.Guests;

namespace SoftIov.Lab.Demo;

/// <summary>
/// A guest of the demo. What it cannot do is a <see cref="DemoException"/> or an <see cref="IOException"/>. One call at a time.
/// </summary>
internal interface IDemoGuest : IAsyncDisposable
{
    /// <summary>Name for messages.</summary>
    string Name { get; }

    /// <summary>The VMM's process.</summary>
    int ProcessId { get; }

    /// <summary>Monitor through which a function can be plugged in; null when the guest takes it from its socket.</summary>
    string? QmpSocket { get; }

    /// <summary>Its network functions as <c>lspci</c> shows them in the guest.</summary>
    Task<IReadOnlyList<string>> LspciAsync(CancellationToken cancellationToken);

    /// <summary>Name of the driver that has the first network function; null when none has.</summary>
    Task<string?> DriverAsync(CancellationToken cancellationToken);

    /// <summary>Takes a function at <paramref name="socket"/> into use that was not there when the guest started.</summary>
    Task TakeFunctionAsync(string socket, string address, CancellationToken cancellationToken);

    /// <summary>Pings a peer, patiently or, when no answer is expected, not.</summary>
    Task<PingResult> PingAsync(string peer, int count, bool isPatient, CancellationToken cancellationToken);

    /// <summary>Sends one TCP stream for a time.</summary>
    Task<StreamResult> StreamAsync(string peer, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Sends frames to a peer with the source MAC address of somebody else.</summary>
    Task SpoofAsync(string peer, string source, int frames, CancellationToken cancellationToken);

    /// <summary>Kills the VMM with SIGKILL.</summary>
    void Kill();

    /// <summary>What the guest and its VMM said last, for a failure; never fails.</summary>
    Task<string> DescribeAsync();
}
