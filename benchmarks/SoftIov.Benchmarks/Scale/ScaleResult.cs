namespace SoftIov.Benchmarks.Scale;

/// <summary>An adapter with many VFs; medians of the runs.</summary>
/// <param name="Vfs">VFs.</param>
/// <param name="EnableSeconds">From the request to the answer of a real daemon: every VF is there and has a socket.</param>
/// <param name="DisableSeconds">The same back.</param>
/// <param name="KibibytesPerVf">Resident memory of the daemon that a VF adds, garbage that is not collected yet included.</param>
/// <param name="DescriptorsPerVf">Descriptors of the daemon that a VF adds.</param>
/// <param name="BroadcastMicroseconds">Processor time of a broadcast of 64 bytes from one VF to all the others, whose drivers are up.</param>
/// <param name="BroadcastNanosecondsPerReceiver">The same for one of the receivers.</param>
internal sealed record ScaleResult(
    int Vfs,
    double EnableSeconds,
    double DisableSeconds,
    double KibibytesPerVf,
    double DescriptorsPerVf,
    double BroadcastMicroseconds,
    double BroadcastNanosecondsPerReceiver);
