namespace SoftIov.Daemon.Faults;

/// <summary>One fault that can be injected.</summary>
/// <param name="Name">How commands name it.</param>
/// <param name="Keys">Keys it takes.</param>
/// <param name="Inject">Does it; returns what was done, as the end of a sentence that begins with the target.</param>
internal sealed record FaultDescription(string Name, IReadOnlyList<string> Keys, Func<FaultPlace, FaultValues, string> Inject);
