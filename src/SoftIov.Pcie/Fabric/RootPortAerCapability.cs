namespace SoftIov.Pcie;

/// <summary>
/// Advanced error reporting of a root port (PCIe 7.8.4.9 to .11): what a function has, and which error messages came from below. The port
/// has no interrupt: software looks.
/// </summary>
internal sealed class RootPortAerCapability(RootPort port) : AerCapability(port, followsPhysical: false)
{
    private const uint Received = 1 << 2;
    private const uint ReceivedSeveral = 1 << 3;
    private const uint FirstIsFatal = 1 << 4;
    private const uint NonFatalReceived = 1 << 5;
    private const uint FatalReceived = 1 << 6;
    private const uint StatusMask = 0x7F;
    private const uint CommandMask = 0x7;

    public override int Length => 0x38;

    public override uint Read(int offset) => offset switch
    {
        0x2C => port.Registers.RootErrorCommand,
        0x30 => port.Registers.RootErrorStatus,
        0x34 => port.Registers.ErrorSource,
        _ => base.Read(offset),
    };

    public override void Write(int offset, DwordWrite write)
    {
        ref BridgeRegisters registers = ref port.Registers;
        if (offset == 0x2C)
            registers.RootErrorCommand = write.Merge(registers.RootErrorCommand, CommandMask);
        else if (offset == 0x30)
            registers.RootErrorStatus = write.ClearOnes(registers.RootErrorStatus, StatusMask);
        else
            base.Write(offset, write);
    }

    /// <summary>An error message arrived: the source of the first is kept until software clears the status.</summary>
    public void Log(in ErrorMessage message)
    {
        ref BridgeRegisters registers = ref port.Registers;
        if ((registers.RootErrorStatus & Received) != 0)
            registers.RootErrorStatus |= ReceivedSeveral;
        else
            registers.ErrorSource = (registers.ErrorSource & 0xFFFF) | ((uint)message.Source.Value << 16);
        if (message.IsFatal && (registers.RootErrorStatus & Received) == 0)
            registers.RootErrorStatus |= FirstIsFatal;
        registers.RootErrorStatus |= Received | (message.IsFatal ? FatalReceived : NonFatalReceived);
    }
}
