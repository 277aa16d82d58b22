namespace SoftIov.Lab.Guests;

/// <summary>What a guest with built-in drivers is told to do: a line of JSON on its standard input.</summary>
internal sealed record GuestRequest
{
    /// <summary>Connect to the function at <see cref="Socket"/> and use it with <see cref="Addresses"/>.</summary>
    public const string Plug = "plug";

    /// <summary>Say what functions there are.</summary>
    public const string List = "list";

    /// <summary>Send <see cref="Count"/> pings to <see cref="Peer"/>, each answered within <see cref="Milliseconds"/> or lost.</summary>
    public const string Ping = "ping";

    /// <summary>Send a stream to <see cref="Peer"/> for <see cref="Milliseconds"/>.</summary>
    public const string Stream = "stream";

    /// <summary>Send <see cref="Count"/> frames to <see cref="Peer"/> with the source address <see cref="Source"/>.</summary>
    public const string Spoof = "spoof";

    /// <summary>One of the above.</summary>
    public required string Verb { get; init; }

    /// <summary>Path of a vfio-user socket.</summary>
    public string Socket { get; init; } = "";

    /// <summary>IPv4 addresses.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>An IPv4 address.</summary>
    public string Peer { get; init; } = "";

    /// <summary>A MAC address.</summary>
    public string Source { get; init; } = "";

    /// <summary>How many.</summary>
    public int Count { get; init; }

    /// <summary>How long.</summary>
    public int Milliseconds { get; init; }
}
