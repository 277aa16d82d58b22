namespace SoftIov.Lab.Demo;

/// <summary>
/// What the demo of an adapter in one VM found, for programs: the last line of <c>softiov demo --whole --json</c>. What was not reached
/// is 0, false or null.
/// </summary>
public sealed record WholeSummary
{
    /// <summary>Whether everything held; the exit code says the same.</summary>
    public bool Ok { get; init; }

    /// <summary>Release of the guest's kernel.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>TotalVFs, as the guest's kernel found it.</summary>
    public int TotalVfs { get; init; }

    /// <summary>VFs that the guest's kernel enabled, as the daemon sees it.</summary>
    public int VfsEnabled { get; init; }

    /// <summary>How long the write to sriov_numvfs took, drivers included.</summary>
    public double EnableSeconds { get; init; }

    /// <summary>Whether PF and all VFs have a driver, as the daemon sees it.</summary>
    public bool DriversBound { get; init; }

    /// <summary>Pings between VFs, to the PF and to the outside that were not answered, 0 to 100; null when none was sent.</summary>
    public double? PingLossPercent { get; init; }

    /// <summary>Whether the function level reset of a VF cost its neighbours nothing, and the VF worked again.</summary>
    public bool FlrHarmless { get; init; }

    /// <summary>How long everything took.</summary>
    public double Seconds { get; init; }

    /// <summary>Names of steps that did not hold.</summary>
    public IReadOnlyList<string> Failed { get; init; } = [];
}
