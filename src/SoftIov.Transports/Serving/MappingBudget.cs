namespace SoftIov.Transports;

/// <summary>
/// Memory files that all clients of a server may have mapped together: address space and mappings of the process are bounded, and who runs into
/// those bounds by itself takes the others with it. No client gets more than an eighth of what is left then. Any thread.
/// </summary>
internal sealed class MappingBudget(int files, long bytes)
{
    /// <summary>What a client has is at most one of so many parts of what it leaves to those who come later.</summary>
    private const int Parts = 8;

    private readonly Lock _gate = new();
    private int _files = files;
    private long _bytes = bytes;

    /// <summary>
    /// Takes a file of so many bytes out of the budget for a client that has <paramref name="ownFiles"/> of <paramref name="ownBytes"/> already;
    /// false when it would have too large a part.
    /// </summary>
    public bool TryTake(long size, int ownFiles, long ownBytes)
    {
        lock (_gate)
        {
            if (ownFiles + 1 > (_files - 1) / Parts || size > _bytes || ownBytes + size > (_bytes - size) / Parts)
                return false;
            _files--;
            _bytes -= size;
            return true;
        }
    }

    /// <summary>Gives back what <see cref="TryTake"/> took, when it is mapped no more.</summary>
    public void Return(long size)
    {
        lock (_gate)
        {
            _files++;
            _bytes += size;
        }
    }
}
