namespace SoftIov.Transports;

/// <summary>
/// Memory files that all clients of a server may have mapped together: address space and mappings of the process are bounded, and who runs into
/// those bounds by itself takes the others with it. Any thread.
/// </summary>
internal sealed class MappingBudget(int files, long bytes)
{
    private readonly Lock _gate = new();
    private int _files = files;
    private long _bytes = bytes;

    /// <summary>Takes a file of so many bytes out of the budget; false when it is not in there any more.</summary>
    public bool TryTake(long size)
    {
        lock (_gate)
        {
            if (_files == 0 || size > _bytes)
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
