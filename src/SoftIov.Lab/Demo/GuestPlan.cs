namespace SoftIov.Lab.Demo;

/// <summary>A guest to start.</summary>
/// <param name="Name">Name for messages.</param>
/// <param name="Socket">Socket of its function.</param>
/// <param name="Addresses">IPv4 addresses of its network interface, in networks of 24 bits.</param>
internal sealed record GuestPlan(string Name, string Socket, IReadOnlyList<string> Addresses);
