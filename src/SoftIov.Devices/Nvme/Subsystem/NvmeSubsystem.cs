using System.Collections.Immutable;
using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// An NVM subsystem: namespaces carved from one block store, and the controllers they are attached to, the primary one of a PF and the secondary
/// ones of its VFs. Management operations come from pool threads, one at a time, and wait for media and pollers; what pollers read has no locks.
/// </summary>
/// <remarks>
/// Every change is saved before it shows, and space is zeroed before it is a namespace's: a crash between any two steps leaves a subsystem in
/// which no two namespaces share a byte and none shows what another one held.
/// </remarks>
public sealed partial class NvmeSubsystem : IDisposable
{
    /// <summary>The NSID that means all namespaces.</summary>
    internal const uint AllNamespaces = 0xFFFF_FFFF;

    /// <summary>How long anybody waits for a store that does not answer: half of CAP.TO, for CSTS.RDY.</summary>
    internal static readonly TimeSpan StoreGrace = TimeSpan.FromSeconds(5);

    private readonly Lock _management = new();
    private readonly Lock _recording = new();
    private readonly IBlockStore _store;
    private readonly INamespaceRecords _records;
    private readonly IQuiescence _quiescence;
    private readonly CapacityMap _capacity;
    private readonly ErasedStore _erased = new();
    private readonly NamespaceSet[] _attached;
    private readonly IControllerEvents?[] _controllers;
    private SubsystemRecord _record;
    private NamespaceSet _allocated;
    private volatile bool _isStoreStuck;

    /// <summary>
    /// A subsystem with the namespaces that were saved. The store stays the caller's. What an interrupted format left is erased first. Throws an
    /// <see cref="IOException"/>, or an <see cref="InvalidDataException"/> when the records do not fit each other or the store.
    /// </summary>
    public NvmeSubsystem(SubsystemSettings settings, IBlockStore store, INamespaceRecords records, IQuiescence quiescence, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(quiescence);
        settings.Validate();
        Settings = settings;
        _store = store;
        _records = records;
        _quiescence = quiescence;
        _capacity = new CapacityMap(store.Length);
        Secondaries = new SecondaryControllers(settings, controller => Volatile.Read(ref _controllers![controller]));
        _controllers = new IControllerEvents?[ControllerId.Last(settings.TotalVfs) + 1];
        _hosts = new UInt128[_controllers.Length];
        StoreUsers = new StoreUsers(_controllers.Length);
        _attached = new NamespaceSet[_controllers.Length];
        PersistentEvents = new PersistentEventLog(_controllers.Length, time ?? TimeProvider.System);
        RecordReset(ControllerId.Primary);
        _record = records.Load();
        CheckRecord();
        FinishErasing();
        _allocated = new NamespaceSet(settings.MaxNamespaces, Make(_record.Namespaces));
        for (ushort controller = 0; controller < _attached.Length; controller++)
            _attached[controller] = SetOf(controller);
        if (_record.Sanitize.State == SanitizeState.InProgress)
            StartSanitize();
        else
            CloseAll(Refusal);
    }

    /// <summary>What the operator decided.</summary>
    public SubsystemSettings Settings { get; }

    /// <summary>The controllers of VFs.</summary>
    public SecondaryControllers Secondaries { get; }

    /// <summary>Namespaces and all else that survives a restart, just now.</summary>
    public SubsystemRecord Record => Volatile.Read(ref _record);

    /// <summary>Bytes namespaces can be made of (TNVMCAP).</summary>
    public long TotalCapacity => _capacity.Total;

    /// <summary>Bytes that belong to no namespace (UNVMCAP): a namespace of as many can be created.</summary>
    public long UnallocatedCapacity => _capacity.Free;

    /// <summary>How often the store failed to take the space of a deleted namespace back.</summary>
    public long DeallocationFailures { get; private set; }

    /// <summary>What namespaces are made of.</summary>
    internal IBlockStore Store => _store;

    /// <summary>Controllers that have commands under way in the store.</summary>
    internal StoreUsers StoreUsers { get; }

    /// <summary>All namespaces, attached or not.</summary>
    internal NamespaceSet Allocated => Volatile.Read(ref _allocated);

    /// <summary>Namespaces attached to a controller, just now; for pollers.</summary>
    internal NamespaceSet Attached(ushort controller) => Volatile.Read(ref _attached[controller]);

    /// <summary>
    /// Ends what runs in the background; a sanitize operation goes on when the subsystem is made again. Before the store is disposed of. What
    /// a store does not answer goes on all the same, and then ends without a change.
    /// </summary>
    public void Dispose()
    {
        _isStopping = true;
        WaitForStore(_sanitizing);
    }

    /// <summary>
    /// Waits for what depends on the store's answers, but not for ever. Who found it stuck waited for all: a removal of many controllers takes no
    /// longer than that of one.
    /// </summary>
    internal void WaitForStore(Task answered)
    {
        if (!answered.Wait(_isStoreStuck ? TimeSpan.Zero : StoreGrace))
            _isStoreStuck = true;
    }

    /// <summary>A controller is there and hears of events from now on.</summary>
    internal void Register(ushort controller, IControllerEvents events) => Volatile.Write(ref _controllers[controller], events);

    /// <summary>A controller is gone.</summary>
    internal void Unregister(ushort controller) => Volatile.Write(ref _controllers[controller], null);

    /// <summary>NVM Subsystem Reset: the magic was written to a controller's NSSR, and all controllers reset.</summary>
    internal void Reset()
    {
        Secondaries.PrimaryReset();
        for (ushort controller = ControllerId.Primary; controller < _controllers.Length; controller++)
            Volatile.Read(ref _controllers[controller])?.SubsystemReset();
    }

    /// <summary>True for the number of a controller that this subsystem has, there or not.</summary>
    internal bool HasController(ushort controller) => controller >= ControllerId.Primary && controller < _controllers.Length;

    /// <summary>True for the index of an LBA format whose blocks the store can read and write.</summary>
    internal bool HasFormat(int format) => format is >= 0 and < LbaFormat.Count && 1 << LbaFormat.Shift(format) >= _store.BlockBytes;

    /// <summary>Records that cannot be true must not cost anybody data: better no subsystem.</summary>
    private void CheckRecord()
    {
        uint last = 0;
        foreach (NamespaceRecord record in _record.Namespaces)
        {
            bool isValid = record.Id > last && record.Id <= Settings.MaxNamespaces && HasFormat(record.Format)
                && record.Length >> LbaFormat.Shift(record.Format) > 0 && (record.IsShared || record.Controllers.Length <= 1);
            long capacity = 0;
            foreach (Extent extent in record.Extents)
            {
                isValid = isValid && _capacity.TryTake(extent);
                capacity += extent.Length;
            }

            if (!isValid || capacity < record.Length)
                throw new InvalidDataException($"{Settings.Name}: the record of namespace {record.Id} does not fit {_store.Name} and the others");
            last = record.Id;
        }
    }

    /// <summary>Erases what was being erased when the last process ended.</summary>
    private void FinishErasing()
    {
        foreach (NamespaceRecord record in _record.Namespaces)
        {
            if (record.IsErasing)
            {
                Erase(record.Extents);
                Commit(was => was.With(record with { IsErasing = false }));
            }
        }
    }

    /// <summary>Zeroes extents so that no power failure brings their bytes back. Throws an <see cref="IOException"/>.</summary>
    private void Erase(ImmutableArray<Extent> extents)
    {
        foreach (Extent extent in extents)
            _store.Deallocate(extent.Offset, extent.Length);
        _store.Flush();
    }

    /// <summary>Saves a changed record and makes it the current one. Throws an <see cref="IOException"/>: then nothing changed.</summary>
    private void Commit(Func<SubsystemRecord, SubsystemRecord> change)
    {
        lock (_recording)
        {
            SubsystemRecord next = change(_record);
            _records.Save(next);
            Volatile.Write(ref _record, next);
        }
    }

    /// <summary>As above; false when it fails.</summary>
    private bool TryCommit(Func<SubsystemRecord, SubsystemRecord> change)
    {
        try
        {
            Commit(change);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private ImmutableArray<Namespace> Make(ImmutableArray<NamespaceRecord> records)
    {
        ImmutableArray<Namespace>.Builder made = ImmutableArray.CreateBuilder<Namespace>(records.Length);
        foreach (NamespaceRecord record in records)
            made.Add(new Namespace(record, new Reservations(record, this), _erased));
        return made.MoveToImmutable();
    }

    /// <summary>What is attached to a controller by the current record.</summary>
    private NamespaceSet SetOf(ushort controller)
    {
        ImmutableArray<Namespace>.Builder attached = ImmutableArray.CreateBuilder<Namespace>();
        foreach (NamespaceRecord record in _record.Namespaces)
        {
            if (record.Controllers.Contains(controller) && _allocated[record.Id] is { } each)
                attached.Add(each);
        }

        return new NamespaceSet(Settings.MaxNamespaces, attached.ToImmutable());
    }

    /// <summary>Shows controllers the namespaces they have now, and tells them which one changed.</summary>
    private void Publish(ImmutableArray<ushort> controllers, uint changed)
    {
        foreach (ushort controller in controllers)
        {
            // Records may name VFs that the operator took away since.
            if (!HasController(controller))
                continue;
            Volatile.Write(ref _attached[controller], SetOf(controller));
            Volatile.Read(ref _controllers[controller])?.NamespaceChanged(changed);
        }
    }

    /// <summary>Puts a namespace in its place among all, or takes the one with an identifier out.</summary>
    private void Place(uint id, Namespace? placed)
    {
        ImmutableArray<Namespace>.Builder all = ImmutableArray.CreateBuilder<Namespace>();
        for (uint each = 1; each <= Settings.MaxNamespaces; each++)
        {
            Namespace? found = each == id ? placed : _allocated[each];
            if (found is not null)
                all.Add(found);
        }

        Volatile.Write(ref _allocated, new NamespaceSet(Settings.MaxNamespaces, all.ToImmutable()));
    }
}
