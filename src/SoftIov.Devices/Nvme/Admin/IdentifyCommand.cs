using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Identify (NVMe 1.4, 5.15): which data structure, and whether this controller may see it.</summary>
internal sealed class IdentifyCommand
{
    private const ushort FormatNvm = 1 << 1;
    private const ushort NamespaceManagement = 1 << 3;
    private const ushort VirtualizationManagement = 1 << 7;
    private const ushort DoorbellBufferConfig = 1 << 8;

    /// <summary>Compare, Dataset Management, Write Zeroes, Save and Select of features, reservations, Timestamp, Verify, Copy.</summary>
    private const ushort OptionalNvmCommands = 1 << 0 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8;

    private const uint NamespaceAttributeNotices = 1 << 8;
    private const uint Extended128BitHostId = 1 << 0;
    private const byte CommandEffectsLog = 1 << 1;
    private const byte ExtendedLogData = 1 << 2;
    private const byte PersistentEventLog = 1 << 4;
    private const byte CachePresent = 1;
    private const byte FlushesAll = 3 << 1;
    private const byte ProtectionAlsoUntilPowerCycle = 3;
    private const uint NamespaceGranularity = 1 << 7;

    private readonly NvmeController _controller;
    private readonly AdminData _data;
    private readonly ControllerIdentity _identity;
    private readonly byte[] _page = new byte[NvmeSubsystem.IdentifyLength];

    /// <summary>Identify of one controller.</summary>
    public IdentifyCommand(NvmeController controller, AdminData data)
    {
        _controller = controller;
        _data = data;
        _identity = Describe(controller);
    }

    /// <summary>Fills the page and moves it.</summary>
    public CommandResult Execute(in SubmissionEntry command)
    {
        var structure = (byte)command.Dword10;
        var first = (ushort)(command.Dword10 >> 16);
        var commandSet = (byte)(command.Dword11 >> 24);
        ControllerIdentity identity = _controller.OffersShadowDoorbells
            ? _identity with { AdminCommands = (ushort)(_identity.AdminCommands | DoorbellBufferConfig) }
            : _identity;
        NvmeStatus status = _controller.Subsystem.Identify(identity, structure, command.NamespaceId, first, commandSet, _page);
        return status == NvmeStatus.Success ? _data.Write(command, _page) : status;
    }

    /// <summary>What a controller says of itself.</summary>
    public static ControllerIdentity Describe(NvmeController controller) => new()
    {
        Id = controller.Id,
        VendorId = NvmePciId.Vendor,
        SubsystemVendorId = NvmePciId.Vendor,
        Version = ControllerCapabilities.Version,
        MaxTransferShift = TransferLimits.Mdts,
        AsyncEvents = NamespaceAttributeNotices,
        Attributes = Extended128BitHostId | (controller.IsSecondary ? 0 : NamespaceGranularity),
        AdminCommands = (ushort)(FormatNvm | (controller.IsSecondary ? 0 : NamespaceManagement | VirtualizationManagement)),
        AbortLimit = 3,
        EventRequestLimit = AsyncEvents.Limit - 1,
        LogPages = (byte)(CommandEffectsLog | ExtendedLogData | (controller.IsSecondary ? 0 : PersistentEventLog)),
        PersistentEventLogBlocks = controller.IsSecondary ? 0 : (uint)PersistentEventReport.MaxBlocks(controller.Subsystem),
        ErrorLogEntries = ErrorLog.Entries - 1,
        Sanitize = controller.IsSecondary ? 0 : NvmeSubsystem.SanitizeCapabilities,
        NvmCommands = OptionalNvmCommands,
        VolatileWriteCache = (byte)((controller.Subsystem.Store.IsPersistent ? CachePresent : 0) | FlushesAll),
        FormatAttributes = NvmeSubsystem.FormatAttributes,
        WriteProtection = ProtectionAlsoUntilPowerCycle,
    };
}
