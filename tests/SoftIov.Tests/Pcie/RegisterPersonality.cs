using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>
/// The smallest personality: BAR 0 with storage, an MSI-X table and pending bits, BAR 2 with storage. It does DMA and interrupts when a
/// test says so, also when it should not.
/// </summary>
internal sealed class RegisterPersonality : IPersonality, IDisposable
{
    public const ulong Bar0Size = 0x4000;
    public const ulong Bar2Size = 0x1000;
    public const uint TableOffset = 0x2000;
    public const uint PendingOffset = 0x3000;
    public const int Vectors = 5;

    private readonly byte[] _bar0 = new byte[Bar0Size];
    private readonly byte[] _bar2 = new byte[Bar2Size];
    private IFunctionServices? _function;

    public RegisterPersonality(PersonalityDescription description) => Description = description;

    public static PersonalityDescription Describe(ushort deviceId, int vectors = Vectors, byte pin = 0, int msi = 0) => new()
    {
        VendorId = 0x1B36,
        DeviceId = deviceId,
        RevisionId = 2,
        ClassCode = 0x08_80_00,
        SubsystemVendorId = 0x1AF4,
        SubsystemId = 0x1100,
        Bars =
        [
            new(BarKind.Memory64Prefetchable, Bar0Size), default, new(BarKind.Memory32, Bar2Size), default, default, default,
        ],
        MsiVectorCount = msi,
        MsixVectorCount = vectors,
        MsixBar = 0,
        MsixTableOffset = TableOffset,
        MsixPbaOffset = PendingOffset,
        InterruptPin = pin,
    };

    public PersonalityDescription Description { get; }

    public IFunctionServices Function => _function!;

    public bool TransactionsPending { get; set; }

    public bool IntxAsserted { get; set; }

    public int Resets { get; private set; }

    public int Disposals { get; private set; }

    public List<bool> BusMasterChanges { get; } = [];

    public Action? OnReset { get; set; }

    /// <summary>What the client that is there shares; in the place of the storage of that part of the BAR.</summary>
    public IHostMemory? Memory { get; private set; }

    public void SharedMemoryChanged(IHostMemory? memory) => Memory = memory;

    public void Bind(IFunctionServices function) => _function = function;

    public void ReadBar(int index, ulong offset, Span<byte> destination) =>
        Storage(index, offset, destination.Length).CopyTo(destination);

    public void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source) =>
        source.CopyTo(Storage(index, offset, source.Length));

    public void Reset()
    {
        OnReset?.Invoke();
        Resets++;
        TransactionsPending = false;
        IntxAsserted = false;
        Array.Clear(_bar0);
        Array.Clear(_bar2);
        if (Description.Shared is { } shared && Memory is { } memory)
            memory.Slice(0, shared.Length).Clear();
    }

    public void BusMasterChanged(bool enabled) => BusMasterChanges.Add(enabled);

    public void Dispose() => Disposals++;

    private Span<byte> Storage(int index, ulong offset, int length) =>
        Memory is { } memory && Description.Shared is { } shared && shared.Bar == index && offset - shared.Offset < (ulong)shared.Length
            ? memory.Slice((long)(offset - shared.Offset), length)
            : (index == 0 ? _bar0 : _bar2).AsSpan((int)offset, length);

    /// <summary>Writes one byte to guest memory as the device.</summary>
    public bool TryDma(ulong address, byte value) => Function.Dma.TryWrite(address, [value]);
}
