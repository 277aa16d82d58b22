namespace SoftIov.Datapath;

/// <summary>How eagerly pollers poll.</summary>
/// <param name="SpinMicroseconds">How long an empty pollable is polled on before it is armed; 0 arms at once.</param>
public sealed record PollSettings(int SpinMicroseconds = 20);
