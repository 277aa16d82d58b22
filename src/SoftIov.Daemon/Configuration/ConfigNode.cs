namespace SoftIov.Daemon.Configuration;

/// <summary>A piece of a configuration file that knows where it stands.</summary>
/// <param name="Line">Line from 1.</param>
/// <param name="Column">Column from 1.</param>
internal abstract record ConfigNode(int Line, int Column);
