namespace SoftIov.Daemon.Configuration;

/// <summary>Keys and values in the order of the file; keys are unique.</summary>
internal sealed record ConfigMapping(int Line, int Column, IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> Entries)
    : ConfigNode(Line, Column);
