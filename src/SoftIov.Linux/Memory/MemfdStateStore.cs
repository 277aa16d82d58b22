using SoftIov.Memory;

namespace SoftIov.Linux;

/// <summary>
/// State pages in memory files, sealed in size: another process that takes the descriptors over finds the state of every function as the
/// last one left it.
/// </summary>
public sealed unsafe class MemfdStateStore : IStateStore, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, FileDescriptor> _files = [];

    /// <inheritdoc/>
    public StatePage<T> Create<T>(string name)
        where T : unmanaged
    {
        long size = Math.Max(sizeof(T), 1) + Environment.SystemPageSize - 1L & -(long)Environment.SystemPageSize;
        FileDescriptor file = MemoryFile.Create(name, size);
        lock (_gate)
        {
            if (_files.Remove(name, out FileDescriptor? former))
                former.Dispose();
            _files.Add(name, file);
        }

        return new StatePage<T>(MappedFile.Map(file, 0, size, writable: true));
    }

    /// <summary>The memory file behind a page, to hand over; null when there is none of that name.</summary>
    public FileDescriptor? FileOf(string name)
    {
        lock (_gate)
            return _files.GetValueOrDefault(name);
    }

    /// <inheritdoc/>
    public void Remove(string name)
    {
        lock (_gate)
        {
            if (_files.Remove(name, out FileDescriptor? file))
                file.Dispose();
        }
    }

    /// <summary>Closes all memory files.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (FileDescriptor file in _files.Values)
                file.Dispose();
            _files.Clear();
        }
    }
}
