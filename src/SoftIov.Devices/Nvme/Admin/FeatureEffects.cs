using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Feature Identifiers Supported and Effects (log page 12h; NVMe 2.0, 5.16.1.17).</summary>
internal static class FeatureEffects
{
    /// <summary>Bytes of the log page.</summary>
    public const int Length = 1024;

    private const uint Supported = 1 << 0;
    private const uint ChangesNamespaces = 1 << 2;
    private const uint OfNamespace = 1 << 20;
    private const uint OfController = 1 << 21;

    /// <summary>The log page of every controller. No feature changes data; write protection changes what a namespace can do.</summary>
    public static void Fill(Span<byte> page)
    {
        page.Clear();
        foreach (FeatureId id in Enum.GetValues<FeatureId>())
        {
            uint effects = Supported | (Features.IsOfNamespace(id) ? OfNamespace : OfController)
                | (id == FeatureId.NamespaceWriteProtection ? ChangesNamespaces : 0);
            BinaryPrimitives.WriteUInt32LittleEndian(page[((int)id * sizeof(uint))..], effects);
        }
    }
}
