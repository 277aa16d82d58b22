namespace SoftIov.Pcie;

/// <summary>A fault that is in force.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Left">Times left, <see cref="SoftIov.Memory.Countdown.Forever"/> without end; 0 where time counts.</param>
/// <param name="Time">Time left, or how late the function is; zero where times are counted.</param>
public sealed record FaultInForce(FaultKind Kind, int Left, TimeSpan Time);
