namespace SoftIov.Daemon.Planning;

/// <summary>A change of something that only adapters of one personality have. They know their own.</summary>
internal abstract record AdapterChange(string Adapter) : Step(Adapter);
