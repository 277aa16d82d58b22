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
    private const int LastBus = 255;

    /// <summary>The root port's and the PF's; VFs begin right behind the PF, and run over onto those that follow.</summary>
    private const int FirstBuses = 2;

    private readonly BarDescription[] _bars = new BarDescription[6];

    /// <summary>Room for the PF, and <paramref name="totalVfs"/> VFs that take <paramref name="bytesPerVf"/> of memory each.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are more than <see cref="MostVfs"/>.</exception>
    public VmdLayout(int totalVfs, ulong bytesPerVf, ulong physicalBytes)
    {
        int most = MostVfs(bytesPerVf, physicalBytes);
        if (totalVfs > most)
            throw new ArgumentOutOfRangeException(nameof(totalVfs), $"{totalVfs} VFs do not fit behind one endpoint: {most} at most.");
        Buses = (int)BitOperations.RoundUpToPowerOf2((uint)(FirstBuses + (totalVfs / FunctionsPerBus)));
        ulong memory = BitOperations.RoundUpToPowerOf2(((ulong)totalVfs * bytesPerVf) + physicalBytes);
        _bars[0] = new BarDescription(BarKind.Memory64Prefetchable, (ulong)Buses * MiB);
        _bars[2] = new BarDescription(BarKind.Memory32, Math.Max(memory, SmallestMemory));
        _bars[4] = new BarDescription(BarKind.Memory64, UnusedMemory);
    }

    /// <summary>Buses the configuration window holds, a power of two in 2..256.</summary>
    public int Buses { get; }

    /// <summary>BARs 0..5.</summary>
    public IReadOnlyList<BarDescription> Bars => _bars;

    /// <summary>How many VFs fit: the last is on bus 255 (PCIe 9.2.1.2), and the memory of all together with the PF's is 1 GiB.</summary>
    public static int MostVfs(ulong bytesPerVf, ulong physicalBytes)
    {
        // Buses 1 to 255 have room for them and the PF.
        const int ByBuses = (LastBus * FunctionsPerBus) - 1;
        ulong left = LargestMemory - Math.Min(physicalBytes, LargestMemory);
        return bytesPerVf == 0 ? ByBuses : (int)Math.Min(left / bytesPerVf, ByBuses);
    }
}
