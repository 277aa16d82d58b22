namespace SoftIov.Lab.Demo;

/// <summary>What a story is told with.</summary>
/// <param name="Output">Where its steps are shown.</param>
/// <param name="Programs">SoftIov's programs.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="Cancelled">Ends it early.</param>
internal sealed record DemoStage(DemoOutput Output, DemoPrograms Programs, DemoFolder Folder, CancellationToken Cancelled);
