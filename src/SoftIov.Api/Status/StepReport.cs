namespace SoftIov.Api;

/// <summary>One step of a plan and what became of it.</summary>
/// <param name="Target">Adapter or function.</param>
/// <param name="Action">What the step does, for people: <c>enable 4 VFs</c>.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
public sealed record StepReport(string Target, string Action, StepOutcome Outcome, string? Error = null);
