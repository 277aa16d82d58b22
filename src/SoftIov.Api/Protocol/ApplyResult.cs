namespace SoftIov.Api;

/// <summary>The steps that lead from the state that was to the state that is wanted, in order.</summary>
/// <param name="Steps">Empty when nothing had to change.</param>
public sealed record ApplyResult(IReadOnlyList<StepReport> Steps);
