using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <summary>
/// What a front-end shares: keeps the device's DMA domain, which knows guest addresses, and the memory files behind it in step, and
/// translates addresses of the front-end. Behind an IOMMU guest addresses are a domain of their own, and the device's has what the front-end
/// translated. On the loop thread.
/// </summary>
internal sealed class FrontEndMemory
{
    private readonly DmaDomain _domain;
    private readonly FileViews _files;
    private List<FrontEndRegion> _regions = [];
    private DmaDomain _guest;
    private long _mappedBytes;

    public FrontEndMemory(DmaDomain domain, FileViews files)
    {
        _domain = domain;
        _files = files;
        _guest = domain;
    }

    /// <summary>Bytes that are mapped; from any thread.</summary>
    public long MappedBytes => Volatile.Read(ref _mappedBytes);

    /// <summary>Regions there are.</summary>
    public int Count => _regions.Count;

    /// <summary>True when the device has addresses of an IOMMU.</summary>
    public bool IsTranslated => _guest != _domain;

    /// <summary>
    /// Has the device's addresses translated from now on, or with null be those of the guest. While no ring runs.
    /// </summary>
    public void Translate(ITranslationSource? source)
    {
        DmaMapping[] all = [.. _regions.Select(Mapping)];
        _guest = source is null ? _domain : new DmaDomain(new Unused(), _domain.Faults);
        _domain.Translate(source, source is null ? null : _guest);
        _guest.Replace(all);
    }

    /// <summary>Keeps a translation: EINVAL when what it leads to is not within one region.</summary>
    public Errno Cache(in IotlbMessage translation)
    {
        if (Find(translation.UserAddress, translation.Size, out ulong offset) is not { } region || translation.Access == DmaAccess.None)
            return Errno.EINVAL;
        return ErrnoOf(_domain.Cache(
            translation.Iova, translation.Size, translation.Access, region.View.Memory, region.Request.FileOffset + offset));
    }

    /// <summary>Forgets translations; size 0 is all from the address on. When it returns nobody uses them.</summary>
    public void Forget(in IotlbMessage range)
    {
        ulong last = range.Iova + (range.Size - 1);
        _domain.Forget(range.Iova, range.Size == 0 || last < range.Iova ? ulong.MaxValue : last);
    }

    /// <summary>
    /// Puts these regions, whose files are the message's descriptors in their order, in place of all there are, in one step. When one is
    /// refused nothing changes: what <see cref="FileViews.Acquire"/> gives, EINVAL (empty, wraps), EEXIST (overlap).
    /// </summary>
    public Errno Replace(ReadOnlySpan<RegionRequest> requests, VhostUserMessage message)
    {
        List<FrontEndRegion> regions = new(requests.Length);
        Errno error = Errno.None;
        for (int i = 0; i < requests.Length && error == Errno.None; i++)
            error = Acquire(requests[i], message.Descriptors[i], regions);
        if (error == Errno.None)
            error = ErrnoOf(_guest.Replace([.. regions.Select(Mapping)]));
        if (error == Errno.None)
            ForgetAll();
        Release(error == Errno.None ? _regions : regions);
        if (error == Errno.None)
            Keep(regions);
        return error;
    }

    /// <summary>Adds a region; one that is there already is counted. Errors as <see cref="Replace"/> has them.</summary>
    public Errno Add(RegionRequest request, FileDescriptor file)
    {
        int same = _regions.FindIndex(one => one.Request == request);
        if (same >= 0 && IsFileOf(_regions[same], file))
        {
            _regions[same] = _regions[same] with { Users = _regions[same].Users + 1 };
            return Errno.None;
        }

        Errno error = Acquire(request, file, _regions);
        if (error != Errno.None)
            return error;
        DmaMapping mapping = Mapping(_regions[^1]);
        error = ErrnoOf(_guest.Map(mapping.Iova, mapping.Size, mapping.Access, mapping.Memory, mapping.MemoryOffset));
        if (error != Errno.None)
        {
            Release([_regions[^1]]);
            _regions.RemoveAt(_regions.Count - 1);
        }

        Keep(_regions);
        return error;
    }

    /// <summary>Takes a region away; when this returns nobody uses it. ENOENT when there is none such.</summary>
    public Errno Remove(RegionRequest request)
    {
        int index = _regions.FindIndex(one => (one.Request with { FileOffset = request.FileOffset }) == request);
        if (index >= 0 && _regions[index].Users > 1)
        {
            _regions[index] = _regions[index] with { Users = _regions[index].Users - 1 };
            return Errno.None;
        }

        if (index < 0 || _guest.Unmap(request.GuestAddress, request.Size, out _) != DmaMapStatus.Ok)
            return Errno.ENOENT;
        ForgetAll();
        FrontEndRegion removed = _regions[index];
        _regions.RemoveAt(index);
        Release([removed]);
        Keep(_regions);
        return Errno.None;
    }

    /// <summary>Takes everything away.</summary>
    public void Clear()
    {
        _guest = _domain;
        _domain.Translate(null, null);
        Release(_regions);
        Keep([]);
    }

    /// <summary>Where a guest sees what the front-end has at <paramref name="user"/>, in one region; false when nowhere.</summary>
    public bool TryTranslate(ulong user, ulong length, out ulong guest)
    {
        FrontEndRegion? region = Find(user, length, out ulong offset);
        guest = region is { } found ? found.Request.GuestAddress + offset : 0;
        return region is not null;
    }

    private FrontEndRegion? Find(ulong user, ulong length, out ulong offset)
    {
        foreach (FrontEndRegion region in _regions)
        {
            offset = user - region.Request.UserAddress;
            if (user >= region.Request.UserAddress && offset < region.Request.Size && length <= region.Request.Size - offset)
                return region;
        }

        offset = 0;
        return null;
    }

    /// <summary>Translations lead to regions that may be gone: those that are needed are asked for anew.</summary>
    private void ForgetAll()
    {
        if (IsTranslated)
            _domain.Clear();
    }

    private bool IsFileOf(FrontEndRegion region, FileDescriptor file)
    {
        FileView? view = _files.Acquire(file, region.Request.FileOffset, region.Request.Size, needsWrite: true, out _);
        if (view is not null)
            _files.Release(view);
        return view == region.View;
    }

    private static DmaMapping Mapping(FrontEndRegion region) => new(
        region.Request.GuestAddress, region.Request.Size, DmaAccess.Read | DmaAccess.Write, region.View.Memory, region.Request.FileOffset);

    private static Errno ErrnoOf(DmaMapStatus status) => status switch
    {
        DmaMapStatus.Ok => Errno.None,
        DmaMapStatus.Overlap => Errno.EEXIST,
        _ => Errno.EINVAL,
    };

    private Errno Acquire(in RegionRequest request, FileDescriptor file, List<FrontEndRegion> into)
    {
        if (request.Size == 0 || request.UserAddress + (request.Size - 1) < request.UserAddress)
            return Errno.EINVAL;
        foreach (FrontEndRegion other in into)
        {
            if (other.OverlapsInFrontEnd(request))
                return Errno.EEXIST;
        }

        FileView? view = _files.Acquire(file, request.FileOffset, request.Size, needsWrite: true, out Errno error);
        if (view is not null)
            into.Add(new FrontEndRegion(request, view));
        return error;
    }

    private void Keep(List<FrontEndRegion> regions)
    {
        _regions = regions;
        Volatile.Write(ref _mappedBytes, (long)regions.Aggregate(0UL, static (sum, one) => sum + one.Request.Size));
    }

    private void Release(List<FrontEndRegion> regions)
    {
        foreach (FrontEndRegion region in regions)
            _files.Release(region.View);
    }

    /// <summary>Nobody moves data by guest addresses: they are looked up for logs.</summary>
    private sealed class Unused : IQuiescence
    {
        public void WaitForQuietPoint()
        {
        }
    }
}
