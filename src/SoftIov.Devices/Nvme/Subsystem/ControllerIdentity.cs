namespace SoftIov.Devices.Nvme;

/// <summary>What a controller says of itself in Identify Controller (NVMe 1.4, figure 247) that its subsystem does not know.</summary>
internal sealed record ControllerIdentity
{
    /// <summary>CNTLID, see <see cref="ControllerId"/>.</summary>
    public required ushort Id { get; init; }

    /// <summary>VID: PCI vendor.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>SSVID: PCI subsystem vendor.</summary>
    public required ushort SubsystemVendorId { get; init; }

    /// <summary>MN: model number, at most 40 ASCII characters.</summary>
    public string Model { get; init; } = "SoftIov NVMe";

    /// <summary>FR: firmware revision, at most 8 ASCII characters.</summary>
    public string Firmware { get; init; } = "1.0";

    /// <summary>VER: 1.4 unless set, as in VS.</summary>
    public uint Version { get; init; } = 0x0001_0400;

    /// <summary>RAB: commands of one arbitration burst, as a power of two.</summary>
    public byte ArbitrationBurst { get; init; }

    /// <summary>MDTS: most bytes of one command, as a power of two of the smallest page; 0 is no limit.</summary>
    public byte MaxTransferShift { get; init; }

    /// <summary>RTD3R: microseconds to resume.</summary>
    public uint ResumeMicroseconds { get; init; }

    /// <summary>RTD3E: microseconds to shut down; Linux waits that long.</summary>
    public uint ShutdownMicroseconds { get; init; } = 1_000_000;

    /// <summary>OAES: events.</summary>
    public uint AsyncEvents { get; init; }

    /// <summary>CTRATT: attributes.</summary>
    public uint Attributes { get; init; }

    /// <summary>OACS: admin commands.</summary>
    public ushort AdminCommands { get; init; }

    /// <summary>ACL: outstanding Abort commands, 0-based.</summary>
    public byte AbortLimit { get; init; }

    /// <summary>AERL: outstanding Asynchronous Event Requests, 0-based.</summary>
    public byte EventRequestLimit { get; init; }

    /// <summary>LPA: log pages.</summary>
    public byte LogPages { get; init; }

    /// <summary>ELPE: entries of the error log, 0-based.</summary>
    public byte ErrorLogEntries { get; init; }

    /// <summary>WCTEMP: kelvin to warn at.</summary>
    public ushort WarningTemperature { get; init; } = 343;

    /// <summary>CCTEMP: kelvin that are critical.</summary>
    public ushort CriticalTemperature { get; init; } = 353;

    /// <summary>KAS: granularity of keep alive in units of 100 ms.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>SANICAP: sanitize.</summary>
    public uint Sanitize { get; init; }

    /// <summary>PELS: most blocks of 64 KiB of the Persistent Event Log; 0 when there is none.</summary>
    public uint PersistentEventLogBlocks { get; init; }

    /// <summary>MAXCMD: commands to have outstanding in one queue, 0 for not said.</summary>
    public ushort MaxCommands { get; init; }

    /// <summary>ONCS: NVM commands.</summary>
    public ushort NvmCommands { get; init; }

    /// <summary>FUSES: fused operations.</summary>
    public ushort FusedOperations { get; init; }

    /// <summary>FNA: format.</summary>
    public byte FormatAttributes { get; init; }

    /// <summary>VWC: volatile write cache.</summary>
    public byte VolatileWriteCache { get; init; }

    /// <summary>AWUN: blocks written in one piece, 0-based.</summary>
    public ushort AtomicWrite { get; init; }

    /// <summary>AWUPF: blocks written in one piece when power fails, 0-based.</summary>
    public ushort AtomicWritePowerFail { get; init; }

    /// <summary>NWPC: write protection.</summary>
    public byte WriteProtection { get; init; }

    /// <summary>ACWU: blocks of a compare and write in one piece, 0-based.</summary>
    public ushort AtomicCompareAndWrite { get; init; }

    /// <summary>True for a controller of a VF.</summary>
    public bool IsVf => Id != ControllerId.Primary;
}
