using System.Numerics;

namespace SoftIov.Lab.Nvme;

/// <summary>CC (NVMe base 2.0, 3.1.3.5).</summary>
/// <param name="Value">All 32 bits.</param>
public readonly record struct ControllerConfiguration(uint Value)
{
    /// <summary>EN.</summary>
    public const uint Enable = 1;

    private const int ShutdownShift = 14;
    private const uint ShutdownMask = 3u << ShutdownShift;
    private const uint EntrySizes = (6u << 16) | (4u << 20);

    /// <summary>EN.</summary>
    public bool IsEnabled => (Value & Enable) != 0;

    /// <summary>For the NVM command set: round robin, entries of 64 and 16 bytes, pages of <paramref name="page"/> bytes.</summary>
    public static ControllerConfiguration ForNvm(int page) => new(Enable | ((uint)(BitOperations.Log2((uint)page) - 12) << 7) | EntrySizes);

    /// <summary>With EN as given, and no shutdown asked for.</summary>
    public ControllerConfiguration WithEnable(bool isOn) => new((Value & ~(Enable | ShutdownMask)) | (isOn ? Enable : 0));

    /// <summary>With SHN: 1 normal, 2 abrupt.</summary>
    public ControllerConfiguration WithShutdown(int kind) => new((Value & ~ShutdownMask) | ((uint)kind << ShutdownShift));
}
