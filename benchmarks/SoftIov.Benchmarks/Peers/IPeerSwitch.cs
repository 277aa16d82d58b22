namespace SoftIov.Benchmarks.Peers;

/// <summary>A switch with two vhost-user sockets, on <see cref="Cores.OfSwitch"/> alone.</summary>
internal interface IPeerSwitch : IAsyncDisposable
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Where its two ports are.</summary>
    IReadOnlyList<string> Sockets { get; }

    /// <summary>Time that its processor worked on frames since it started; null when it does not say.</summary>
    TimeSpan? Busy => null;

    /// <summary>Takes nothing of the processor until it goes on: another switch's turn.</summary>
    void Pause();

    /// <summary>Goes on.</summary>
    void Resume();
}
