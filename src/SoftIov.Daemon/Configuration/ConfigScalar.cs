namespace SoftIov.Daemon.Configuration;

/// <summary>One value.</summary>
internal sealed record ConfigScalar(int Line, int Column, string Text) : ConfigNode(Line, Column)
{
    /// <summary>Nothing was written after the key.</summary>
    public bool IsEmpty => Text is "" or "~" or "null";
}
