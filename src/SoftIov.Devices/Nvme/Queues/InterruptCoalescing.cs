using System.Diagnostics;

namespace SoftIov.Devices.Nvme;

/// <summary>Interrupt Coalescing (feature 08h; NVMe 1.4, 5.21.1.8): THR in bits 7:0, 0's based; TIME in bits 15:8, in units of 100 us.</summary>
/// <param name="Value">Dword 11 of the feature.</param>
internal readonly record struct InterruptCoalescing(uint Value)
{
    private const long UnitsPerSecond = 10_000;

    /// <summary>A time of 0 is no delay.</summary>
    public bool IsOn => (Value >> 8 & byte.MaxValue) != 0;

    /// <summary>So many entries interrupt at once.</summary>
    public int Entries => (int)(Value & byte.MaxValue) + 1;

    /// <summary>So long the first of fewer waits.</summary>
    public long DelayTicks => (Value >> 8 & byte.MaxValue) * Stopwatch.Frequency / UnitsPerSecond;
}
