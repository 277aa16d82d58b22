using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// The namespaces that configuration wants of a subsystem, and the way there. Others, which a guest with the PF made, it leaves alone. What the
/// subsystem refuses is an <see cref="IOException"/> that says why.
/// </summary>
internal sealed class DeclaredNamespaces(NvmeSubsystem subsystem, int totalVfs)
{
    private const long LargestGranule = 1 << 20;
    private const int SmallBlock = 512;
    private const int LargeBlock = 4096;

    private ImmutableSortedDictionary<int, NamespaceSpec> _declared = ImmutableSortedDictionary<int, NamespaceSpec>.Empty;

    /// <summary>Those that are there: one that a guest deleted is not.</summary>
    public ImmutableSortedDictionary<int, NamespaceSpec> Present =>
        _declared.RemoveRange(_declared.Keys.Where(id => subsystem.Record.Find((uint)id) is null));

    /// <summary>Whether configuration wants it.</summary>
    public bool Contains(int id) => _declared.ContainsKey(id);

    /// <summary>
    /// At start: makes what is missing. Who has what is there already is left as it was, but those who shall have it get it. VFs whose share has
    /// no room are returned, and have none.
    /// </summary>
    public IReadOnlyList<int> Restore(ImmutableSortedDictionary<int, NamespaceSpec> wanted)
    {
        _declared = wanted;
        var without = new List<int>();
        foreach ((int id, NamespaceSpec one) in wanted.OrderBy(n => n.Value.Size is null))
        {
            if (subsystem.Record.Find((uint)id) is { } there)
            {
                CheckContent(id, one, there);
                Attach(id, ControllersOf(one).Except(there.Controllers).Where(_ => there.IsShared || there.Controllers.IsEmpty));
            }
            else if (one.Size is null && ShareOf() == 0)
                without.Add(id);
            else
                Make(id, one);
        }

        return without;
    }

    /// <summary>Makes a namespace, or takes one that is there with this content.</summary>
    public void Create(int id, NamespaceSpec one)
    {
        if (subsystem.Record.Find((uint)id) is { } there)
        {
            CheckContent(id, one, there);
            GiveTo(id, one, there);
        }
        else
            Make(id, one);
        _declared = _declared.SetItem(id, one);
    }

    /// <summary>Attaches and detaches until those who shall have it have it.</summary>
    public void Give(int id, NamespaceSpec one)
    {
        GiveTo(id, one, subsystem.Record.Find((uint)id) ?? throw new IOException($"namespace {id} is gone: a guest with the PF deleted it"));
        if (Contains(id))
            _declared = _declared.SetItem(id, one);
    }

    /// <summary>Deletes a namespace with its data, unless a guest did so already.</summary>
    public void Delete(int id)
    {
        if (subsystem.Record.Find((uint)id) is not null)
            Require(subsystem.Delete((uint)id), id);
        _declared = _declared.Remove(id);
    }

    private void Make(int id, NamespaceSpec one)
    {
        long size = one.Size ?? ShareOf();
        NvmeStatus status = Make(id, size, one.BlockSize ?? SmallBlock, one.Shared);
        if (status == NvmeStatus.InvalidFormat && one.BlockSize is null)
            status = Make(id, size, LargeBlock, one.Shared);
        Require(status, id);
        Attach(id, ControllersOf(one));
    }

    private NvmeStatus Make(int id, long size, int blockSize, bool isShared) =>
        subsystem.Create((ulong)(size / blockSize), blockSize == SmallBlock ? 0 : 1, isShared, out _, (uint)id);

    private void GiveTo(int id, NamespaceSpec one, NamespaceRecord there)
    {
        ushort[] wanted = [.. ControllersOf(one)];
        ushort[] gone = [.. there.Controllers.Except(wanted)];
        if (gone.Length > 0)
            Require(subsystem.Detach((uint)id, gone), id);
        Attach(id, wanted.Except(there.Controllers));
    }

    private void Attach(int id, IEnumerable<ushort> controllers)
    {
        ushort[] some = [.. controllers];
        if (some.Length > 0)
            Require(subsystem.Attach((uint)id, some), id);
    }

    private static IEnumerable<ushort> ControllersOf(NamespaceSpec one) =>
        one.Vfs.Select(ControllerId.OfVf).Concat(one.Pf ? [ControllerId.Primary] : []);

    private static void CheckContent(int id, NamespaceSpec wanted, NamespaceRecord there)
    {
        int blockSize = there.Format == 0 ? SmallBlock : LargeBlock;
        if ((wanted.Size ?? there.Length) == there.Length && (wanted.BlockSize ?? blockSize) == blockSize && wanted.Shared == there.IsShared)
            return;
        string content = $"{ByteSize.Show(there.Length)} in blocks of {blockSize}{(there.IsShared ? ", shared" : "")}";
        throw new IOException(
            $"namespace {id} is there with {content}, and other is wanted: its data would be lost (delete it first, or give it another id)");
    }

    /// <summary>A VF's equal share of what nobody has a claim on; 0 when nothing is left.</summary>
    private long ShareOf()
    {
        long claimed = _declared.Values.Sum(one => one.Size ?? 0);
        claimed += subsystem.Record.Namespaces.Where(one => !Contains((int)one.Id)).Sum(one => one.Length);
        long share = Math.Min(Math.Max(0, subsystem.TotalCapacity - claimed) / totalVfs, subsystem.UnallocatedCapacity);
        long granule = Math.Min(LargestGranule, subsystem.TotalCapacity & -subsystem.TotalCapacity);
        return share / granule * granule;
    }

    private void Require(NvmeStatus status, int id)
    {
        if (status == NvmeStatus.Success)
            return;
        throw new IOException(status switch
        {
            NvmeStatus.NamespaceInsufficientCapacity =>
                $"namespace {id} does not fit: {ByteSize.About(subsystem.UnallocatedCapacity)} of " +
                $"{ByteSize.About(subsystem.TotalCapacity)} are free; delete another one, or leave some to be free (vfNamespaces)",
            NvmeStatus.InvalidFormat => $"namespace {id}: the blocks of the backing are larger than 512 bytes (use blockSize 4096)",
            NvmeStatus.NamespaceIdUnavailable => $"there is a namespace {id} already, or no more than {subsystem.Settings.MaxNamespaces} can be",
            NvmeStatus.NamespaceIsPrivate => $"namespace {id} is private, and another function has it",
            NvmeStatus.NamespaceWriteProtected => $"namespace {id} is write protected",
            NvmeStatus.InternalError => $"namespace {id}: the backing or the state directory failed; nothing was changed",
            _ => $"namespace {id}: the subsystem says {status}",
        });
    }
}
