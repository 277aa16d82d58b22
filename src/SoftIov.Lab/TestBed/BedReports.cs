namespace SoftIov.Lab.TestBed;

/// <summary>Progress of the test bed as texts.</summary>
internal sealed class BedReports(Action<string> report) : IProgress<BedProgress>
{
    /// <inheritdoc/>
    public void Report(BedProgress value) => report(value.ToString());
}
