namespace SoftIov.Api;

/// <summary>A fault that is in force.</summary>
/// <param name="Target">The adapter or function it is in.</param>
/// <param name="Fault">Its name, as <see cref="InjectRequest.Fault"/> spells it.</param>
/// <param name="Left">How long or how often yet, for people.</param>
public sealed record InjectedFault(string Target, string Fault, string Left);
