namespace SoftIov.Benchmarks.Peers;

/// <summary>A switch with two vhost-user sockets, on <see cref="Cores.OfSwitch"/> alone.</summary>
internal interface IPeerSwitch : IAsyncDisposable
{
    /// <summary>Its name in the table.</summary>
    string Name { get; }

    /// <summary>Where its two ports are.</summary>
    IReadOnlyList<string> Sockets { get; }

    /// <summary>Nanoseconds that its processor worked on frames since it started.</summary>
    /// <param name="tscMegahertz">Rate of the time-stamp counter, by which others than us count.</param>
    Task<double> ReadBusyAsync(double tscMegahertz);

    /// <summary>Takes nothing of the processor until it goes on: another switch's turn.</summary>
    void Pause();

    /// <summary>Goes on.</summary>
    void Resume();
}
