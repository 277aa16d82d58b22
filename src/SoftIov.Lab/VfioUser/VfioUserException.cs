using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <summary>A command was answered with an error, or not at all.</summary>
public sealed class VfioUserException : IOException
{
    /// <summary>A command failed.</summary>
    public VfioUserException(ushort command, Errno errno, string what)
        : base($"vfio-user command {command}: {what} ({errno})", (int)errno)
    {
        Command = command;
        Errno = errno;
    }

    /// <summary>Which.</summary>
    public ushort Command { get; }

    /// <summary>Why: what the server answered, ECONNRESET when it closed the connection, ETIMEDOUT when it did not answer.</summary>
    public Errno Errno { get; }
}
