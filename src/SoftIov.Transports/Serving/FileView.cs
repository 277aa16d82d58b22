using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>One mapping of a whole memory file, shared by all guest mappings into it.</summary>
/// <param name="device">Device that holds the file.</param>
/// <param name="inode">The file on that device.</param>
/// <param name="memory">Its bytes, from the first.</param>
/// <param name="isWritable">Whether they may be written.</param>
/// <param name="budget">What it was taken out of.</param>
internal sealed class FileView(ulong device, ulong inode, MappedFile memory, bool isWritable, MappingBudget budget) : IDisposable
{
    /// <summary>The file's identity.</summary>
    public (ulong Device, ulong Inode) File => (device, inode);

    /// <summary>Its bytes.</summary>
    public MappedFile Memory => memory;

    /// <summary>Guest mappings that use it.</summary>
    public int Users { get; set; }

    /// <summary>Whether it serves for a guest mapping up to byte <paramref name="end"/>.</summary>
    public bool Covers(ulong end, bool needsWrite) => end <= (ulong)memory.Length && (isWritable || !needsWrite);

    /// <inheritdoc/>
    public void Dispose()
    {
        memory.Dispose();
        budget.Return(memory.Length);
    }
}
