namespace SoftIov.Pcie;

/// <summary>
/// Advanced error reporting (PCIe 7.8.4). All of it is sticky. A VF on the fabric has status of its own; masks, severities and enables are
/// its PF's (PCIe 9.4.2). Headers are not logged: there are none.
/// </summary>
internal class AerCapability(IStickyState owner, bool followsPhysical) : Capability
{
    /// <summary>Severity at power-on: fatal are link protocol, surprise down, flow control, overflow, malformed and internal errors.</summary>
    public const uint DefaultSeverity = 0x0046_2030;

    /// <summary>Advisory Non-Fatal Error, masked at power-on.</summary>
    public const uint AdvisoryNonFatal = 1 << 13;

    /// <summary>Uncorrectable internal error, masked at power-on.</summary>
    public const uint InternalError = 1 << 22;

    private const uint UncorrectableBits = 0x0057_F030;
    private const uint CorrectableBits = 0x0000_31C1;

    public override ushort Id => 0x01;

    public override byte Version => 2;

    public override int Length => 0x2C;

    public override uint Read(int offset)
    {
        ref StickyRegisters sticky = ref owner.Sticky;
        return offset switch
        {
            0x04 => sticky.UncorrectableStatus,
            0x08 => Own(sticky.UncorrectableMask),
            0x0C => Own(sticky.UncorrectableSeverity),
            0x10 => sticky.CorrectableStatus,
            0x14 => Own(sticky.CorrectableMask),
            0x18 => sticky.Control,
            _ => 0,
        };
    }

    public override void Write(int offset, DwordWrite write)
    {
        ref StickyRegisters sticky = ref owner.Sticky;
        if (offset == 0x04)
            WriteStatus(write, ref sticky);
        else if (offset == 0x10)
            sticky.CorrectableStatus = write.ClearOnes(sticky.CorrectableStatus, CorrectableBits);
        else if (!followsPhysical)
            WriteRules(offset, write, ref sticky);
    }

    /// <summary>The pointer leaves an error that is cleared: it must not seem valid when a masked one sets the same bit.</summary>
    private static void WriteStatus(DwordWrite write, ref StickyRegisters sticky)
    {
        sticky.UncorrectableStatus = write.ClearOnes(sticky.UncorrectableStatus, UncorrectableBits);
        if (!sticky.HasFirstError)
            sticky.FirstErrorPointer = 0;
    }

    private static void WriteRules(int offset, DwordWrite write, ref StickyRegisters sticky)
    {
        switch (offset)
        {
            case 0x08:
                sticky.UncorrectableMask = write.Merge(sticky.UncorrectableMask, UncorrectableBits);
                break;
            case 0x0C:
                sticky.UncorrectableSeverity = write.Merge(sticky.UncorrectableSeverity, UncorrectableBits);
                break;
            case 0x14:
                sticky.CorrectableMask = write.Merge(sticky.CorrectableMask, CorrectableBits);
                break;
        }
    }

    private uint Own(uint value) => followsPhysical ? 0 : value;
}
