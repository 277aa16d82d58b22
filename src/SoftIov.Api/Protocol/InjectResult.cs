namespace SoftIov.Api;

/// <summary>What was injected, and what is in force now.</summary>
/// <param name="Target">The target as asked.</param>
/// <param name="InForce">All that is in force in the target; of an adapter also in its functions.</param>
/// <param name="Done">What was done, in one sentence; null when it was only listed.</param>
public sealed record InjectResult(string Target, IReadOnlyList<InjectedFault> InForce, string? Done = null);
