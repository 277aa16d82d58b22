namespace SoftIov.Daemon.Configuration;

/// <summary>A list.</summary>
internal sealed record ConfigSequence(int Line, int Column, IReadOnlyList<ConfigNode> Items) : ConfigNode(Line, Column);
