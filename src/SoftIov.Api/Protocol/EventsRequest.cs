namespace SoftIov.Api;

/// <summary>Asks for the events that the daemon still remembers: its last 256.</summary>
/// <param name="Target">Only those of an adapter and what is in it, or of a function; null for all.</param>
/// <param name="AtMost">The latest so many.</param>
public sealed record EventsRequest(string? Target = null, int AtMost = 256);
