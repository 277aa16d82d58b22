using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Personalities;

/// <summary>Ranges, duplicates and contradictions of what only nvme adapters have.</summary>
internal static class NvmeChecks
{
    private const int MostVfs = 127; // entries of a secondary controller list (NVMe 1.4, figure 261)
    private const int BackingGranuleBytes = 4096;
    private const long NamespaceGranuleBytes = 1 << 20;

    /// <summary>Adds all that is wrong to <paramref name="errors"/>.</summary>
    public static void Check(NvmeAdapterSpec adapter, string path, Claims claims, ConfigErrors errors)
    {
        errors.CheckRange(adapter.TotalVfs, 1, MostVfs, $"{path}.totalVfs", "totalVfs");
        errors.CheckRange(adapter.QueuePairs, 1, 64, $"{path}.queuePairs", "queuePairs");
        CheckBacking(adapter, $"{path}.backing", claims, errors);
        foreach ((int id, NamespaceSpec one) in adapter.Namespaces)
            CheckNamespace(adapter, id, one, $"{path}.namespaces.{id}", errors);
        foreach ((int vf, NvmeVfSpec spec) in adapter.Vfs)
        {
            errors.CheckRange(spec.Iops, 0, int.MaxValue, $"{path}.vfs.{vf}.iops", "iops");
            errors.CheckRange(spec.BandwidthMegabytes, 0, 1_000_000, $"{path}.vfs.{vf}.bandwidth", "bandwidth");
        }

        CheckCapacity(adapter, path, errors);
    }

    private static void CheckBacking(NvmeAdapterSpec adapter, string path, Claims claims, ConfigErrors errors)
    {
        if (adapter.Backing is not { } backing)
        {
            errors.Add(path, "an nvme adapter needs a backing", "add 'backing: file:/var/lib/softiov/disk0.img:10GiB', or memory:1GiB");
            return;
        }

        if (!backing.IsLasting)
        {
            if (backing.Size is null or <= 0 || backing.Path is not null)
                errors.Add(path, $"{backing} is no backing", "memory and null have a size and no path");
            return;
        }

        if (backing.Path is not { Length: > 0 } file || !Path.IsPathFullyQualified(file))
            errors.Add(path, $"'{backing.Path}' is no absolute path", "begin it with /");
        else if (claims.Claim("backing", Path.GetFullPath(file), adapter.Name) is { } other)
            errors.Add(path, $"{file} is the backing of {other} already", "give each adapter its own, and share namespaces between VFs of one");
        if (backing.Size is <= 0 || (backing.Size is not null && backing.Kind == NvmeBackingKind.Block))
            errors.Add(path, $"{backing} is no backing", "a block device has its size, a file one above 0");
    }

    private static void CheckNamespace(NvmeAdapterSpec adapter, int id, NamespaceSpec one, string path, ConfigErrors errors)
    {
        errors.CheckRange(id, 1, adapter.HighestNamespace, path, "id");
        if (one.Size is not { } size)
            errors.Add(path, $"namespace {id} has no size", "add 'size: 10GiB'");
        else if (one.BlockSize is not (null or 512 or 4096))
            errors.Add($"{path}.blockSize", $"blockSize {one.BlockSize} is not supported", "512 or 4096");
        else if (size <= 0 || size % (one.BlockSize ?? 512) != 0)
            errors.Add($"{path}.size", $"size {ByteSize.Show(size)} is no whole number of blocks", $"a multiple of {one.BlockSize ?? 512} bytes");
        foreach (int vf in one.Vfs.Where(vf => vf < 0 || vf >= adapter.TotalVfs))
            errors.Add($"{path}.vfs", $"VF {vf} does not exist", $"VFs of this adapter are 0 to {adapter.TotalVfs - 1} (totalVfs)");
        if (!one.Shared && one.ControllerCount > 1)
            errors.Add($"{path}.vfs", $"namespace {id} is private, and {one.ControllerCount} functions are to have it", "add 'shared: true'");
    }

    /// <summary>What is known of the capacity before the backing is opened: a file without size and a block device tell only then.</summary>
    private static void CheckCapacity(NvmeAdapterSpec adapter, string path, ConfigErrors errors)
    {
        if (adapter.Backing?.Size is not ({ } size and > 0) || adapter.TotalVfs is < 1 or > MostVfs)
            return;
        long capacity = (size + BackingGranuleBytes - 1) / BackingGranuleBytes * BackingGranuleBytes;
        long granule = Math.Min(NamespaceGranuleBytes, capacity & -capacity);
        decimal wanted = adapter.WantedNamespaces.Values.Sum(n => Math.Ceiling((decimal)(n.Size ?? 0) / granule) * granule);
        int shares = adapter.WantedNamespaces.Values.Count(n => n.Size is null);
        if (wanted > capacity)
        {
            errors.Add(
                $"{path}.{(adapter.Namespaces.IsEmpty ? "vfNamespaces" : NvmeRules.NamespacesKey)}",
                $"the namespaces need {ByteSize.About((long)Math.Min(wanted, long.MaxValue))}, and the backing has {ByteSize.Show(capacity)}",
                "make some smaller, or the backing larger");
        }
        else if (shares > 0 && (capacity - (long)wanted) / shares < granule)
        {
            errors.Add(
                $"{path}.backing",
                $"{ByteSize.Show(capacity - (long)wanted)} is too little for {shares} namespaces",
                "make the backing larger, lower totalVfs, or set vfNamespaces to none");
        }
    }
}
