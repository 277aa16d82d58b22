using System.Buffers.Binary;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Transports;

/// <summary>
/// An endpoint of plain memory: configuration space, a 16 KiB BAR 0 and a 64-bit 4 KiB BAR 4, and hooks for what is called.
/// </summary>
internal sealed class EndpointModel : IEndpoint
{
    internal const ulong Bar0Size = 16384;
    internal const ulong Bar4Size = 4096;
    private readonly byte[] _bar4 = new byte[Bar4Size];
    private IInterruptSink? _interrupts;

    public EndpointModel(IQuiescence? quiescence = null)
    {
        Dma = new DmaDomain(quiescence ?? new QuiescenceModel(), new DmaFaultLog(16));
        BinaryPrimitives.WriteUInt32LittleEndian(Config, 0x1041_1af4);
    }

    public event Action? Gone;

    public string Name => "model/0";

    public int ConfigSize => 4096;

    public int MsixVectorCount { get; init; } = 8;

    public int MsiVectorCount { get; init; }

    public bool HasIntx { get; init; } = true;

    public SharedBarMemory? Shared { get; init; }

    /// <summary>The memory shared with the client that is there.</summary>
    public IHostMemory? Memory { get; private set; }

    /// <summary>Called by ShareMemory, while the former memory is still in its place.</summary>
    public Action<IHostMemory?>? Sharing { get; set; }

    public DmaDomain Dma { get; }

    public bool IsPresent { get; private set; } = true;

    public bool IntxAsserted { get; set; }

    public byte[] Config { get; } = new byte[4096];

    public byte[] Bar0 { get; } = new byte[Bar0Size];

    /// <summary>Called by writes of BAR 0, after the bytes are stored.</summary>
    public Action<ulong, byte[]>? Written { get; set; }

    /// <summary>Called by Reset.</summary>
    public Action? Resetting { get; set; }

    /// <summary>Called by ColdReset.</summary>
    public Action? ColdResetting { get; set; }

    public int Resets { get; private set; }

    public int ColdResets { get; private set; }

    /// <summary>Whether reads of BARs note what the thread that serves them has allocated so far.</summary>
    public bool WatchesAllocations { get; init; }

    public long LoopAllocatedBytes { get; private set; }

    /// <summary>MSI-X vectors that were connected.</summary>
    public List<int> Connected { get; } = [];

    /// <summary>MSI vectors that were connected.</summary>
    public List<int> MsiConnections { get; } = [];

    public IInterruptSink? Interrupts
    {
        get => Volatile.Read(ref _interrupts);
        set => Volatile.Write(ref _interrupts, value);
    }

    public void ShareMemory(IHostMemory? memory)
    {
        Sharing?.Invoke(memory);
        Memory = memory;
    }

    public BarDescription Bar(int index) => index switch
    {
        0 => new BarDescription(BarKind.Memory32, Bar0Size),
        4 => new BarDescription(BarKind.Memory64, Bar4Size),
        _ => default,
    };

    public void ReadConfig(int offset, Span<byte> destination) => Config.AsSpan(offset, destination.Length).CopyTo(destination);

    public void WriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        source.CopyTo(Config.AsSpan(offset));
        Dma.BusMasterEnable = (Config[4] & 4) != 0;
    }

    public void ReadBar(int index, ulong offset, Span<byte> destination)
    {
        (index == 0 ? Bar0 : _bar4).AsSpan((int)offset, destination.Length).CopyTo(destination);
        if (WatchesAllocations)
            LoopAllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
    }

    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source)
    {
        source.CopyTo((index == 0 ? Bar0 : _bar4).AsSpan((int)offset));
        if (index == 0 && Written is not null)
            Written(offset, source.ToArray());
    }

    public void Reset()
    {
        Resets++;
        Resetting?.Invoke();
        Array.Clear(Bar0);
    }

    public void ColdReset()
    {
        ColdResets++;
        ColdResetting?.Invoke();
        Dma.BusMasterEnable = false;
        Array.Clear(Bar0);
    }

    public void MsixConnected(int vector)
    {
        lock (Connected)
            Connected.Add(vector);
    }

    public void MsiConnected(int vector)
    {
        lock (MsiConnections)
            MsiConnections.Add(vector);
    }

    /// <summary>The function is taken away.</summary>
    public void Vanish()
    {
        IsPresent = false;
        Interrupts = null;
        Gone?.Invoke();
    }
}
