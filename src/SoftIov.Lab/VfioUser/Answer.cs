using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <summary>A reply as it came; its memory is the client's and good until its next call.</summary>
public readonly ref struct Answer
{
    internal Answer(ushort id, uint flags, Errno error, ReadOnlySpan<byte> payload, FileDescriptor? file)
    {
        Id = id;
        Flags = flags;
        Error = error;
        Payload = payload;
        File = file;
    }

    /// <summary>Message id.</summary>
    public ushort Id { get; }

    /// <summary>Flags of the header.</summary>
    public uint Flags { get; }

    /// <summary>Error field, if the error flag is set.</summary>
    public Errno Error { get; }

    /// <summary>What followed the header.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The descriptor that came with it, the caller's from now on; null when none did.</summary>
    public FileDescriptor? File { get; }
}
