using SoftIov.Linux;

namespace SoftIov.Transports;

/// <summary>
/// The memory files of one client. A file is mapped once and whole, however often the client passes it: VMMs split guest memory into many
/// mappings and pass the same file with each. No descriptor is kept; the mapping itself keeps the file, and its identity, alive.
/// </summary>
internal sealed class FileViews(bool allowUnsealed, int maximumFiles, long maximumBytes, MappingBudget total)
{
    /// <summary>The client's memory may go with its last mapping: freeing it takes the time that other clients wait for the loop.</summary>
    private readonly LateDisposal _unmapper = new("unmapper");

    private readonly Dictionary<(ulong Device, ulong Inode), FileView> _newest = [];
    private int _count;
    private long _mappedBytes;

    /// <summary>
    /// A view that covers <paramref name="size"/> bytes from <paramref name="offset"/>, to be given back by <see cref="Release"/>. Null and
    /// why: EINVAL (no memory file, or beyond its end), EPERM (not sealed against shrinking, or of huge pages), EACCES (not to be written),
    /// ENOSPC and ENOMEM (too many files or bytes, of this client or of all).
    /// </summary>
    public FileView? Acquire(FileDescriptor file, ulong offset, ulong size, bool needsWrite, out Errno error)
    {
        // Seals are asked for before anything else: the answer is the kernel's own, while statx of a file on, say, FUSE may never return.
        error = allowUnsealed || CannotShrink(file) ? Errno.None : Errno.EPERM;
        if (error != Errno.None)
            return null;
        FileStatus status = file.Status();
        ulong length = (ulong)Math.Max(status.Size, 0);
        error = !status.IsRegular || offset > length || size > length - offset ? Errno.EINVAL : Errno.None;
        if (error != Errno.None)
            return null;
        if (!_newest.TryGetValue((status.Device, status.Inode), out FileView? view) || !view.Covers(offset + size, needsWrite))
            view = Open(file, status, needsWrite, out error);
        if (view is not null)
            view.Users++;
        return view;
    }

    /// <summary>Gives a view back. The caller made sure that no poller uses it for this mapping any more.</summary>
    public void Release(FileView view)
    {
        if (--view.Users > 0)
            return;
        if (_newest.GetValueOrDefault(view.File) == view)
            _newest.Remove(view.File);
        _count--;
        _mappedBytes -= view.Memory.Length;
        _unmapper.Dispose(view);
    }

    /// <summary>A hole in huge pages, which no seal forbids, is filled from a pool that others can empty: an access is SIGBUS then.</summary>
    private static bool CannotShrink(FileDescriptor file) =>
        MemoryFile.SealsOf(file).HasFlag(FileSeals.Shrink) && !FileSpace.IsOfHugePages(file);

    private FileView? Open(FileDescriptor file, in FileStatus status, bool needsWrite, out Errno error)
    {
        error = _count >= maximumFiles ? Errno.ENOSPC : Errno.ENOMEM;
        if (_count >= maximumFiles || status.Size > maximumBytes - _mappedBytes || !total.TryTake(status.Size, _count, _mappedBytes))
            return null;
        bool isWritable = true;
        MappedFile? memory = MappedFile.TryMap(file, 0, status.Size, writable: true, out error);
        if (memory is null && !needsWrite && error is Errno.EACCES or Errno.EPERM)
        {
            isWritable = false;
            memory = MappedFile.TryMap(file, 0, status.Size, writable: false, out error);
        }

        if (memory is null)
        {
            total.Return(status.Size);
            return null;
        }

        memory.ExcludeFromCoreDump();
        FileView view = new(status.Device, status.Inode, memory, isWritable, total);
        _newest[view.File] = view;
        _count++;
        _mappedBytes += memory.Length;
        return view;
    }
}
