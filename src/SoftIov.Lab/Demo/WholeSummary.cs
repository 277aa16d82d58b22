namespace SoftIov.Lab.Demo;

/// <summary>
/// What the demo of an adapter in one VM found, for programs: the last line of <c>softiov demo --whole --json</c>. What was not reached
/// is 0, false or null.
/// </summary>
public sealed record WholeSummary : DemoSummary
{
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

    /// <inheritdoc/>
    internal override IEnumerable<(string Name, object? Value)> Rows =>
    [
        ("guest's kernel", Kernel),
        ("VFs enabled", $"{VfsEnabled} of {TotalVfs}"),
        ("drivers bound", DriversBound),
        ("pings lost", PingLossPercent is { } loss ? $"{loss} %" : null),
        ("a reset harms nobody", FlrHarmless),
    ];
}
