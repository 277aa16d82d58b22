namespace SoftIov.Benchmarks.Net;

/// <summary>Median of the runs of one figure.</summary>
/// <param name="Mode">flood or ping.</param>
/// <param name="Ring">split or packed.</param>
/// <param name="Size">Frame size on a wire; 65536 for the segmentation frame.</param>
/// <param name="Burst">Frames in flight in ping mode; most frames per burst in flood mode.</param>
/// <param name="Mpps">Million frames delivered per second.</param>
/// <param name="GigabitsPerSecond">Frame bytes delivered.</param>
/// <param name="PollerNanosecondsPerFrame">Processor time of the poller.</param>
/// <param name="HopMicroseconds">Ping: from one driver to the other.</param>
/// <param name="AllocatedBytes">Bytes allocated in the whole process during the runs, all threads.</param>
internal sealed record NetResult(
    string Mode,
    string Ring,
    int Size,
    int Burst,
    double Mpps,
    double GigabitsPerSecond,
    double PollerNanosecondsPerFrame,
    double HopMicroseconds,
    long AllocatedBytes);
