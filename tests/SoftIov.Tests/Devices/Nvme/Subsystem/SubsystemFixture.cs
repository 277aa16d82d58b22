using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>A subsystem on models of store, records and pollers, with every controller listening.</summary>
internal sealed class SubsystemFixture
{
    public const int Mebi = 1 << 20;
    public static readonly ushort Vf0 = ControllerId.OfVf(0);
    public static readonly ushort Vf1 = ControllerId.OfVf(1);

    public SubsystemFixture(SubsystemSettings? settings = null, StoreModel? store = null, RecordsModel? records = null)
    {
        Settings = settings ?? Default;
        Store = store ?? new StoreModel();
        Records = records ?? new RecordsModel();
        Subsystem = new NvmeSubsystem(Settings, Store, Records, Pollers);
        for (ushort id = ControllerId.Primary; id <= ControllerId.Last(Settings.TotalVfs); id++)
        {
            Controllers[id] = new EventsModel();
            Subsystem.Register(id, Controllers[id]);
        }
    }

    public static SubsystemSettings Default { get; } = new()
    {
        Name = "disk0",
        Uuid = new Guid("12345678-9abc-4ef0-8123-456789abcdef"),
        SerialNumber = "SI0001",
        TotalVfs = 4,
        MaxNamespaces = 8,
    };

    public SubsystemSettings Settings { get; }

    public StoreModel Store { get; }

    public RecordsModel Records { get; }

    public QuietPoints Pollers { get; } = new();

    public NvmeSubsystem Subsystem { get; }

    public Dictionary<ushort, EventsModel> Controllers { get; } = [];

    /// <summary>The same store and records in a new process.</summary>
    public SubsystemFixture Restart() => new(Settings, Store, Records);

    public uint Create(int mebibytes = 1, bool isShared = false, int format = 0)
    {
        ulong blocks = ((ulong)mebibytes * Mebi) >> LbaFormat.Shift(format);
        Assert.Equal(NvmeStatus.Success, Subsystem.Create(blocks, format, isShared, out uint id));
        return id;
    }

    public uint CreateAttached(int mebibytes, params ushort[] controllers)
    {
        uint id = Create(mebibytes, controllers.Length > 1);
        Assert.Equal(NvmeStatus.Success, Subsystem.Attach(id, controllers));
        foreach (ushort controller in controllers)
            Controllers[controller].Take();
        return id;
    }

    /// <summary>Bytes of the store below a namespace, written by its host.</summary>
    public void Fill(uint id, byte value)
    {
        foreach (Extent extent in Subsystem.Record.Find(id)!.Extents)
            Store.Bytes.AsSpan((int)extent.Offset, (int)extent.Length).Fill(value);
    }

    /// <summary>True when a namespace reads as zeroes.</summary>
    public bool IsZero(uint id) => Subsystem.Record.Find(id)!.Extents.All(
        extent => !Store.Bytes.AsSpan((int)extent.Offset, (int)extent.Length).ContainsAnyExcept((byte)0));
}
