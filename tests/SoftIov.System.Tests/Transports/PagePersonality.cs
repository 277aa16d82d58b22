using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.SystemTests.Transports;

/// <summary>A function of 16 KiB of registers of which the second page is shared, with four MSI vectors; it only counts.</summary>
internal sealed class PagePersonality : IPersonality
{
    internal const string Id = "1af4:50f2";
    internal const int Bar = 0;
    internal const uint SharedOffset = 0x1000;
    private const ulong BarSize = 0x4000;
    private const int PageLength = 0x1000;

    private IHostMemory? _memory;
    private int _writes;

    public PersonalityDescription Description { get; } = new()
    {
        VendorId = 0x1AF4,
        DeviceId = 0x50F2,
        ClassCode = 0x08_80_00,
        SubsystemVendorId = 0x1AF4,
        SubsystemId = 0x50F2,
        Bars = [new(BarKind.Memory64Prefetchable, BarSize), default, default, default, default, default],
        MsiVectorCount = 4,
        Shared = new SharedBarMemory(Bar, SharedOffset, PageLength),
    };

    /// <summary>The shared page of the client that is there.</summary>
    public IHostMemory? Memory => Volatile.Read(ref _memory);

    /// <summary>Writes of the BAR that came by message.</summary>
    public int Writes => Volatile.Read(ref _writes);

    public bool IntxAsserted => false;

    public void Bind(IFunctionServices function)
    {
    }

    public void ReadBar(int index, ulong offset, Span<byte> destination) => destination.Clear();

    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source) => Interlocked.Increment(ref _writes);

    public void Reset()
    {
    }

    public void BusMasterChanged(bool enabled)
    {
    }

    public void SharedMemoryChanged(IHostMemory? memory) => Volatile.Write(ref _memory, memory);
}
