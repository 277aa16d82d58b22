namespace SoftIov.Benchmarks.Idle;

/// <summary>A daemon whose guests do nothing; medians of the runs.</summary>
/// <param name="Transport">How clients have VFs: vfio-user or vhost-user.</param>
/// <param name="Vfs">Enabled, each with a client.</param>
/// <param name="DriversUp">The clients' drivers have set their queues up.</param>
/// <param name="PercentOfCore">Processor time of all threads of the daemon.</param>
/// <param name="Highest">The highest of the runs.</param>
/// <param name="ResidentMegabytes">Memory of the daemon.</param>
/// <param name="Descriptors">Descriptors of the daemon.</param>
/// <param name="Threads">Threads of the daemon.</param>
internal sealed record IdleResult(
    string Transport, int Vfs, bool DriversUp, double PercentOfCore, double Highest, double ResidentMegabytes, int Descriptors, int Threads);
