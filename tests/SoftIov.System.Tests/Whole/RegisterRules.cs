namespace SoftIov.SystemTests.Whole;

/// <summary>
/// Which bits of configuration space software may write, as the PCI Express Base Specification has them for what the capabilities of these
/// functions say they can do. Written from the specification, not from the code. All other dwords are read-only.
/// </summary>
internal static class RegisterRules
{
    private const int PowerManagement = 0x01;
    private const int Msi = 0x05;
    private const int Vendor = 0x09;
    private const int Express = 0x10;
    private const int Msix = 0x11;
    private const int Aer = 0x01;
    private const int Acs = 0x0D;
    private const int Sriov = 0x10;
    private const byte VirtioPciAccess = 5;

    private const uint AnyAddress = 0xFFFF_FFFF;

    /// <summary>Memory, bus master, parity, SERR#, interrupt disable (7.5.1.1.3); no I/O, and the rest is of PCI.</summary>
    private const uint Command = 0x0546;
    private const uint BusMaster = 0x0004;
    private const uint InterruptLine = 0xFF;
    private const uint CacheLineSize = 0xFF;
    private const uint PowerState = 0x3;

    /// <summary>Reports, relaxed ordering, payload, no snoop, read requests (7.5.3.4); no phantom functions, no auxiliary power.</summary>
    private const uint DeviceControl = 0x78FF;
    private const uint ExtendedTags = 0x0100;
    private const uint FunctionLevelReset = 0x8000;

    /// <summary>ASPM, common clock, extended synch (7.5.3.7); no clock power management, no bandwidth notification.</summary>
    private const uint LinkControl = 0x00C3;
    private const uint ReadCompletionBoundary = 0x0008;
    private const uint LinkDisable = 0x0010;

    /// <summary>Link Active, width and speed, in the upper half of Link Control and Status.</summary>
    private const uint LinkState = 0x23FF_0000;
    private const uint TargetLinkSpeed = 0x000F;
    private const uint CompletionTimeoutDisable = 0x0010;
    private const uint AriForwarding = 0x0020;
    private const uint RootControl = 0x001F;
    private const uint MsixControl = 0xC000_0000;

    /// <summary>Link protocol, surprise down, poisoned to malformed without ECRC, unsupported request, internal (7.8.4).</summary>
    private const uint UncorrectableErrors = 0x0057_F030;
    private const uint CorrectableErrors = 0x31C1;
    private const uint RootErrorCommand = 0x7;

    /// <summary>A root port with memory windows and no I/O, no slot, one MSI vector, ACS without egress control and direct translation.</summary>
    public static IEnumerable<RegisterRule> OfPort(byte[] config)
    {
        int express = Find(config, Express);
        int msi = Find(config, Msi);
        int aer = FindExtended(config, Aer);
        return
        [
            new(0x04, Command),
            new(0x0C, CacheLineSize),
            new(0x18, 0x00FF_FFFF), // bus numbers; the latency timer behind them is PCI's
            new(0x20, 0xFFF0_FFF0),
            new(0x24, 0xFFF0_FFF0), // and 1 in both low nibbles: 64-bit
            new(0x28, AnyAddress),
            new(0x2C, AnyAddress),
            new(0x3C, InterruptLine | 0x0043_0000), // Bridge Control: parity, SERR#, Secondary Bus Reset
            new(Find(config, PowerManagement) + 0x04, PowerState),
            new(express + 0x08, DeviceControl),
            new(express + 0x10, LinkControl | LinkDisable, LinkState),
            new(express + 0x1C, RootControl),
            new(express + 0x28, AriForwarding),
            new(express + 0x30, TargetLinkSpeed),
            new(msi, 0x0001_0000), // MSI Enable; Multiple Message Enable has nothing to choose with one vector
            new(msi + 0x04, 0xFFFF_FFFC),
            new(msi + 0x08, AnyAddress),
            new(msi + 0x0C, 0xFFFF),
            .. ErrorRules(aer),
            new(aer + 0x2C, RootErrorCommand),
            new(FindExtended(config, Acs) + 0x04, 0x001F_0000),
        ];
    }

    /// <summary>A virtio PF with one 64-bit BAR of 32 KiB and VFs of the same; VFs are not enabled.</summary>
    public static IEnumerable<RegisterRule> OfPhysical(byte[] config)
    {
        int express = Find(config, Express);
        int sriov = FindExtended(config, Sriov);
        return
        [
            new(0x04, Command & ~0x0400u), // no INTx that could be disabled
            new(0x0C, CacheLineSize),
            new(0x20, 0xFFFF_8000),
            new(0x24, AnyAddress),
            new(0x3C, InterruptLine),
            new(Find(config, PowerManagement) + 0x04, PowerState),
            new(Find(config, Msix), MsixControl),
            new(express + 0x08, DeviceControl | ExtendedTags, Acts: FunctionLevelReset),
            new(express + 0x10, LinkControl | ReadCompletionBoundary),
            new(express + 0x28, CompletionTimeoutDisable),
            new(express + 0x30, TargetLinkSpeed),
            .. AccessWindow(config),
            .. ErrorRules(FindExtended(config, Aer)),
            new(sriov + 0x08, 0x0019), // VF Enable, VF MSE, ARI Capable Hierarchy
            new(sriov + 0x10, 0xFFFF),
            new(sriov + 0x34, 0xFFFF_8000), // VF BAR 4; System Page Size takes single supported sizes only, which no pattern is
            new(sriov + 0x38, AnyAddress),
            new(FindExtended(config, Acs) + 0x04, 0x000C_0000),
        ];
    }

    /// <summary>A VF: bus mastering, MSI-X and its reset are its own, all other controls its PF's (9.3.4, 9.3.5, 9.4.2).</summary>
    public static IEnumerable<RegisterRule> OfVirtual(byte[] config) =>
    [
        new(0x04, BusMaster),
        new(Find(config, Msix), MsixControl),
        new(Find(config, Express) + 0x08, 0, Acts: FunctionLevelReset),
        .. AccessWindow(config),
    ];

    /// <summary>Offset of a capability; fails when there is none.</summary>
    public static int Find(byte[] config, int id)
    {
        for (int at = config[0x34]; at != 0; at = config[at + 1])
        {
            if (config[at] == id && (id != Vendor || config[at + 3] == VirtioPciAccess))
                return at;
        }

        throw new KeyNotFoundException($"no capability {id:x2}h");
    }

    /// <summary>Offset of an extended capability; fails when there is none.</summary>
    public static int FindExtended(byte[] config, int id)
    {
        for (int at = 0x100; at != 0; at = BitConverter.ToInt32(config, at) >>> 20)
        {
            if (BitConverter.ToUInt16(config, at) == id)
                return at;
        }

        throw new KeyNotFoundException($"no extended capability {id:x4}h");
    }

    private static IEnumerable<RegisterRule> ErrorRules(int aer) =>
    [
        new(aer + 0x08, UncorrectableErrors),
        new(aer + 0x0C, UncorrectableErrors),
        new(aer + 0x14, CorrectableErrors),
    ];

    /// <summary>VIRTIO_PCI_CAP_PCI_CFG: BAR, offset and length are writable; the data are what they name (virtio 1.4, 4.1.4.9).</summary>
    private static IEnumerable<RegisterRule> AccessWindow(byte[] config)
    {
        int window = Find(config, Vendor);
        return [new(window + 0x04, 0xFF), new(window + 0x08, AnyAddress), new(window + 0x0C, AnyAddress), new(window + 0x10, 0, AnyAddress)];
    }
}
