using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VfioUser;

/// <summary>What a client mapped: keeps the endpoint's DMA domain and the memory files behind it in step. On the loop thread.</summary>
internal sealed class ClientMemory(DmaDomain domain, FileViews files)
{
    private readonly List<ClientMap> _maps = [];
    private ulong _mappedBytes;

    /// <summary>Bytes of guest address space that are mapped; from any thread.</summary>
    public long MappedBytes => (long)Math.Min(Volatile.Read(ref _mappedBytes), long.MaxValue);

    /// <summary>
    /// Maps. Besides what <see cref="FileViews.Acquire"/> gives: EINVAL (flags; empty or wrapping range), EEXIST (overlap), EOPNOTSUPP (a
    /// file that must not be mapped), ENOSPC (too many mappings).
    /// </summary>
    public Errno Map(in DmaMapRequest request, FileDescriptor? file)
    {
        ulong last = request.Iova + (request.Size - 1);
        if (request.ArgumentSize < DmaMapRequest.Length || !request.HasValidFlags || request.Size == 0 || last < request.Iova)
            return Errno.EINVAL;
        if (file is null)
            return request.NeedsFile ? Errno.EINVAL : Insert(request, last, null);
        if (request.IsFileIoOnly)
            return Errno.EOPNOTSUPP;
        bool needsWrite = (request.Access & DmaAccess.Write) != 0;
        FileView? view = files.Acquire(file, request.Offset, request.Size, needsWrite, out Errno error);
        if (view is null)
            return error;
        error = Insert(request, last, view);
        if (error != Errno.None)
            files.Release(view);
        return error;
    }

    /// <summary>
    /// Unmaps every mapping inside the range; when it returns nobody uses them any more. ENOENT when there is none, or when the range would
    /// cut one in two; EINVAL when it is empty or wraps. <paramref name="bytes"/> tells how many went.
    /// </summary>
    public Errno Unmap(ulong iova, ulong size, out ulong bytes)
    {
        bytes = 0;
        switch (domain.Unmap(iova, size, out int removed))
        {
            case DmaMapStatus.Ok:
                bytes = Forget(IndexOf(iova), removed);
                return Errno.None;
            case DmaMapStatus.BadRange:
                return Errno.EINVAL;
            default:
                return Errno.ENOENT;
        }
    }

    /// <summary>Unmaps everything, as <see cref="Unmap"/> does, and tells how many bytes went.</summary>
    public ulong Clear()
    {
        domain.Clear();
        return Forget(0, _maps.Count);
    }

    private Errno Insert(in DmaMapRequest request, ulong last, FileView? view)
    {
        DmaMapStatus status = domain.Map(request.Iova, request.Size, request.Access, view?.Memory, view is null ? 0 : request.Offset);
        switch (status)
        {
            case DmaMapStatus.Ok:
                _maps.Insert(IndexOf(request.Iova), new ClientMap(request.Iova, last, view));
                Volatile.Write(ref _mappedBytes, _mappedBytes + request.Size);
                return Errno.None;
            case DmaMapStatus.Overlap:
                return Errno.EEXIST;
            case DmaMapStatus.TooMany:
                return Errno.ENOSPC;
            default:
                return Errno.EINVAL;
        }
    }

    private ulong Forget(int index, int count)
    {
        ulong bytes = 0;
        foreach (ClientMap map in _maps.GetRange(index, count))
        {
            bytes += map.Last - map.First + 1;
            if (map.View is not null)
                files.Release(map.View);
        }

        _maps.RemoveRange(index, count);
        Volatile.Write(ref _mappedBytes, _mappedBytes - bytes);
        return bytes;
    }

    /// <summary>Where the first mapping at or above the address stands, or would stand.</summary>
    private int IndexOf(ulong iova)
    {
        int low = 0;
        int high = _maps.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_maps[middle].First < iova)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
