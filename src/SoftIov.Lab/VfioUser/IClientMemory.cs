using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <summary>Guest memory that the server reaches by messages. Called on a thread of the client.</summary>
public interface IClientMemory
{
    /// <summary>Reads guest memory; anything but <see cref="Errno.None"/> is answered as an error.</summary>
    Errno Read(ulong iova, Span<byte> destination);

    /// <summary>Writes guest memory.</summary>
    Errno Write(ulong iova, ReadOnlySpan<byte> source);
}
