namespace SoftIov.Lab.TestBed;

/// <summary>A guest of the bed in a domain of libvirt's.</summary>
public sealed class LibvirtGuest : IDisposable
{
    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(60);

    private readonly GuestAgent _agent;

    internal LibvirtGuest(string name, string agentSocket)
    {
        Name = name;
        _agent = new GuestAgent(agentSocket);
    }

    /// <summary>Name of the domain.</summary>
    public string Name { get; }

    /// <summary>Runs a shell command in the guest; one that takes longer than a minute is a <see cref="TimeoutException"/>.</summary>
    public Task<GuestResult> RunAsync(string command, CancellationToken cancellationToken = default) =>
        _agent.RunAsync(command, cancellationToken).WaitAsync(CommandTimeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _agent.Dispose();

    internal Task WaitUntilUpAsync(CancellationToken cancellationToken) => _agent.Ready.WaitAsync(BootTimeout, cancellationToken);
}
