namespace SoftIov.Lab.Guests;

/// <summary>What a guest with built-in drivers answers: a line of JSON on its standard output.</summary>
internal sealed record GuestReply
{
    /// <summary>Why it could not be done; null when it was.</summary>
    public string? Error { get; init; }

    /// <summary>Functions, as lspci shows them.</summary>
    public IReadOnlyList<string> Functions { get; init; } = [];

    /// <summary>What came of pings.</summary>
    public PingResult? Pings { get; init; }

    /// <summary>What a stream moved.</summary>
    public StreamResult? Stream { get; init; }
}
