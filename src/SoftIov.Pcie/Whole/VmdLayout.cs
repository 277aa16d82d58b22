using System.Numerics;

namespace SoftIov.Pcie;

/// <summary>
/// How large the windows of a <see cref="VmdEndpoint"/> are: a MiB of configuration space per bus, and memory for the apertures of all VFs
/// in the 32-bit window, since prefetchable apertures fit there and a prefetchable window does not open on every machine. What a small
/// adapter needs fits into the windows that firmware leaves open behind a free port, 2 MiB of either kind: so it can be plugged in.
/// </summary>
internal sealed class VmdLayout
{
    private const ulong MiB = 1 << 20;
    private const ulong SmallestMemory = MiB;

    /// <summary>Nothing goes there: the driver offers the children what is behind its first 8208 bytes, less than a bridge's window.</summary>
    private const ulong UnusedMemory = 64 << 10;
    private const ulong LargestMemory = 1024 * MiB;
    private const int FunctionsPerBus = 256;

    private readonly BarDescription[] _bars = new BarDescription[6];

    /// <summary>Room for the PF, and <paramref name="totalVfs"/> VFs that take <paramref name="bytesPerVf"/> of memory each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit into 1 GiB.</exception>
    public VmdLayout(int totalVfs, ulong bytesPerVf, ulong physicalBytes)
    {
        // The root port's bus, the PF's, and those that VFs run over onto.
        int buses = 2 + (totalVfs / FunctionsPerBus);
        Buses = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(buses, 2));
        ulong memory = BitOperations.RoundUpToPowerOf2(((ulong)totalVfs * bytesPerVf) + physicalBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(memory, LargestMemory, nameof(totalVfs));
        _bars[0] = new BarDescription(BarKind.Memory64Prefetchable, (ulong)Buses * MiB);
        _bars[2] = new BarDescription(BarKind.Memory32, Math.Max(memory, SmallestMemory));
        _bars[4] = new BarDescription(BarKind.Memory64, UnusedMemory);
    }

    /// <summary>Buses the configuration window holds, a power of two in 2..256.</summary>
    public int Buses { get; }

    /// <summary>BARs 0..5.</summary>
    public IReadOnlyList<BarDescription> Bars => _bars;
}
