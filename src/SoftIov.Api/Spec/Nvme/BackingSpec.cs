namespace SoftIov.Api;

/// <summary>What keeps the bytes of an nvme adapter.</summary>
/// <param name="Kind">Kind of it.</param>
/// <param name="Path">Absolute path of the file or block device; null otherwise.</param>
/// <param name="Size">Bytes. A file that is not there is made so long, a shorter one grows; null takes a file or device as it is.</param>
public sealed record BackingSpec(NvmeBackingKind Kind, string? Path = null, long? Size = null)
{
    /// <summary>Whether the bytes are there after a restart of the daemon.</summary>
    public bool IsLasting => Kind is NvmeBackingKind.File or NvmeBackingKind.Block;

    /// <summary>As configurations write it: <c>file:/var/lib/disk.img:10GiB</c>.</summary>
    public override string ToString()
    {
        string kind = Kind.ToString().ToLowerInvariant();
        string path = Path is null ? "" : $":{Path}";
        return Size is { } size ? $"{kind}{path}:{ByteSize.Show(size)}" : kind + path;
    }
}
