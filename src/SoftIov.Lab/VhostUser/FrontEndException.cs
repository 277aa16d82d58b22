namespace SoftIov.Lab.VhostUser;

/// <summary>A back-end refused a message, or went away.</summary>
public sealed class FrontEndException(string message) : Exception(message);
