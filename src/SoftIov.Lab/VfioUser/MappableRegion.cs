using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <summary>A region of which areas can be mapped: accesses to them then need no message.</summary>
public sealed class MappableRegion : IDisposable
{
    internal MappableRegion(RegionInfo info, IReadOnlyList<RegionArea> areas, FileDescriptor file)
    {
        Info = info;
        Areas = areas;
        File = file;
    }

    /// <summary>The region.</summary>
    public RegionInfo Info { get; }

    /// <summary>What of it can be mapped.</summary>
    public IReadOnlyList<RegionArea> Areas { get; }

    /// <summary>The server's file behind it.</summary>
    public FileDescriptor File { get; }

    /// <summary>Maps area <paramref name="index"/>; the mapping outlives this object and the session.</summary>
    public MappedFile Map(int index = 0) =>
        MappedFile.Map(File, (long)(Info.Offset + Areas[index].Offset), (long)Areas[index].Length, writable: true);

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();
}
