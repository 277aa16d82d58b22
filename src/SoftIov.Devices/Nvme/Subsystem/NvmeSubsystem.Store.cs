using SoftIov.Datapath;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <content>The store, for controllers.</content>
public sealed partial class NvmeSubsystem
{
    /// <summary>What namespaces are made of.</summary>
    internal IBlockStore Store => _store;

    internal static NvmeStatus SetWriteProtection(uint id, uint state) => NvmeStatus.InvalidField;

    internal static NvmeStatus SetReservationPersistence(uint id, bool isPersistent) => NvmeStatus.InvalidField;

    internal static NvmeStatus Format(ushort controller, uint id, int format) => NvmeStatus.InvalidOpcode;

    internal static NvmeStatus Sanitize(uint action) => NvmeStatus.InvalidOpcode;

    internal static void FillSanitizeStatus(Span<byte> page) => page.Clear();
}
