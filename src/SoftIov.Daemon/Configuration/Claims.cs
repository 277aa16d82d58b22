namespace SoftIov.Daemon.Configuration;

/// <summary>What can belong to one only, in the whole of a desired state: names, host interfaces, addresses, files.</summary>
internal sealed class Claims
{
    private readonly Dictionary<(string Kind, string What), string> _owners = [];

    /// <summary>Claims it for <paramref name="owner"/>; when somebody has it already, it stays theirs and they are returned.</summary>
    public string? Claim(string kind, string what, string owner)
    {
        if (_owners.TryGetValue((kind, what), out string? other))
            return other;
        _owners.Add((kind, what), owner);
        return null;
    }
}
