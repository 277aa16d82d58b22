namespace SoftIov.Datapath;

/// <summary>A request was answered.</summary>
/// <param name="Slot">Slot of the request.</param>
/// <param name="Outcome">How it went.</param>
public readonly record struct BlockCompletion(int Slot, BlockOutcome Outcome);
