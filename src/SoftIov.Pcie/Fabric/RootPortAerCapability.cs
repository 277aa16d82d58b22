namespace SoftIov.Pcie;

/// <summary>
/// Advanced error reporting of a root port (PCIe 7.8.4.9 to .11): what a function has, which error messages came from below, and an
/// interrupt for them where software asked for it (PCIe 6.2.4.1.2).
/// </summary>
internal sealed class RootPortAerCapability(RootPort port) : AerCapability(port, followsPhysical: false)
{
    private const uint CorrectableReceived = 1 << 0;
    private const uint Received = 1 << 2;

    /// <summary>From a bit that says one came to the bit that says more came.</summary>
    private const int Several = 1;
    private const uint FirstIsFatal = 1 << 4;
    private const uint NonFatalReceived = 1 << 5;
    private const uint FatalReceived = 1 << 6;
    private const uint StatusMask = 0x7F;
    private const uint CommandMask = 0x7;
    private const int SourceBits = 16;

    public override int Length => 0x38;

    /// <summary>Something that software enabled an interrupt for has come and is not cleared.</summary>
    private bool IsAsking
    {
        get
        {
            ref BridgeRegisters registers = ref port.Registers;
            uint reasons = (registers.RootErrorStatus & CorrectableReceived)
                | ((registers.RootErrorStatus & (NonFatalReceived | FatalReceived)) >> 4);
            return (reasons & registers.RootErrorCommand) != 0;
        }
    }

    public override uint Read(int offset) => offset switch
    {
        0x2C => port.Registers.RootErrorCommand,
        0x30 => port.Registers.RootErrorStatus,
        0x34 => port.Registers.ErrorSource,
        _ => base.Read(offset),
    };

    public override void Write(int offset, DwordWrite write)
    {
        if (offset is not (0x2C or 0x30))
        {
            base.Write(offset, write);
            return;
        }

        Change(() =>
        {
            ref BridgeRegisters registers = ref port.Registers;
            if (offset == 0x2C)
                registers.RootErrorCommand = write.Merge(registers.RootErrorCommand, CommandMask);
            else
                registers.RootErrorStatus = write.ClearOnes(registers.RootErrorStatus, StatusMask);
        });
    }

    /// <summary>An error message arrived: the source of the first of its kind is kept until software clears the status.</summary>
    public void Log(ErrorMessage message) => Change(() =>
    {
        if (message.Severity == ErrorSeverity.Correctable)
            LogSource(CorrectableReceived, 0, message.Source.Value);
        else
            LogUncorrectable(message);
    });

    private void LogUncorrectable(ErrorMessage message)
    {
        bool isFatal = message.Severity == ErrorSeverity.Fatal;
        ref BridgeRegisters registers = ref port.Registers;
        if (isFatal && (registers.RootErrorStatus & Received) == 0)
            registers.RootErrorStatus |= FirstIsFatal;
        LogSource(Received, SourceBits, message.Source.Value);
        registers.RootErrorStatus |= isFatal ? FatalReceived : NonFatalReceived;
    }

    private void LogSource(uint received, int shift, ushort source)
    {
        ref BridgeRegisters registers = ref port.Registers;
        if ((registers.RootErrorStatus & received) != 0)
            registers.RootErrorStatus |= received << Several;
        else
            registers.ErrorSource = (registers.ErrorSource & ~(0xFFFFu << shift)) | ((uint)source << shift);
        registers.RootErrorStatus |= received;
    }

    /// <summary>An interrupt goes out when there is a reason for it and there was none before.</summary>
    private void Change(Action change)
    {
        bool isNew;
        lock (port.ErrorGate)
        {
            bool wasAsking = IsAsking;
            change();
            isNew = IsAsking && !wasAsking;
        }

        if (isNew)
            port.Interrupt();
    }
}
