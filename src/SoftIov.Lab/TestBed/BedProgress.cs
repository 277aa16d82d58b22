namespace SoftIov.Lab.TestBed;

/// <summary>One line of what the test bed is doing.</summary>
/// <param name="Step">What is being done, for people: "downloads 131 packages".</param>
/// <param name="Fraction">How much of the step is done, 0..1; null where nobody knows.</param>
public readonly record struct BedProgress(string Step, double? Fraction = null)
{
    /// <inheritdoc/>
    public override string ToString() => Fraction is { } done ? $"{Step} {done:P0}" : Step;
}
