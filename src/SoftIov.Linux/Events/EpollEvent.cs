namespace SoftIov.Linux;

/// <summary>One ready descriptor.</summary>
/// <param name="Events">What for.</param>
/// <param name="Data">What was given when the descriptor was added.</param>
public readonly record struct EpollEvent(EpollEvents Events, ulong Data);
