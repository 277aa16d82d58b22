namespace SoftIov.Pcie;

/// <summary>
/// Logs an error of one function where the specification wants it (PCIe 6.2, 9.4): status in the function itself, also in a VF; mask,
/// severity and message enables are those of its PF.
/// </summary>
internal static class FunctionErrors
{
    /// <summary>Correctable, non-fatal and fatal error detected, unsupported request detected.</summary>
    public const ushort DeviceStatusMask = 0xF;

    private const ushort CorrectableDetected = 1 << 0;
    private const ushort NonFatalDetected = 1 << 1;
    private const ushort FatalDetected = 1 << 2;
    private const ushort UnsupportedRequestDetected = 1 << 3;

    /// <summary>Whether <paramref name="error"/> is one function's own; others are the link's, and a VF has none of them (PCIe 9.4.2).</summary>
    public static bool IsFunctions(UncorrectableError error) => error is UncorrectableError.PoisonedTlp
        or UncorrectableError.CompletionTimeout or UncorrectableError.CompleterAbort or UncorrectableError.UnexpectedCompletion
        or UncorrectableError.UnsupportedRequest;

    /// <summary>The same for a correctable error.</summary>
    public static bool IsFunctions(CorrectableError error) => error == CorrectableError.AdvisoryNonFatal;

    /// <summary>Logs <paramref name="error"/>; the message to send, or null when masked or not enabled.</summary>
    public static ErrorMessage? Log(PciFunction function, CorrectableError error)
    {
        PciFunction physical = function.Physical ?? function;
        uint bit = 1u << (int)error;
        function.Sticky.CorrectableStatus |= bit;
        function.Registers.DeviceStatus |= CorrectableDetected;

        // SERR# Enable reports uncorrectable errors only (PCIe 6.2.6).
        bool isReported = (physical.Sticky.CorrectableMask & bit) == 0 && (physical.Registers.DeviceControl & CorrectableDetected) != 0;
        return isReported ? new ErrorMessage(function.Dma.Requester, ErrorSeverity.Correctable) : null;
    }

    /// <summary>Logs <paramref name="error"/>; the message to send, or null when masked or not enabled.</summary>
    public static ErrorMessage? Log(PciFunction function, UncorrectableError error)
    {
        PciFunction physical = function.Physical ?? function;
        ref StickyRegisters sticky = ref function.Sticky;
        uint bit = 1u << (int)error;
        bool isFatal = (physical.Sticky.UncorrectableSeverity & bit) != 0;
        bool isMasked = (physical.Sticky.UncorrectableMask & bit) != 0;
        if (!isMasked && !sticky.HasFirstError)
            sticky.FirstErrorPointer = (int)error;
        sticky.UncorrectableStatus |= bit;
        ref FunctionRegisters registers = ref function.Registers;
        registers.DeviceStatus |= isFatal ? FatalDetected : NonFatalDetected;
        if (error == UncorrectableError.UnsupportedRequest)
            registers.DeviceStatus |= UnsupportedRequestDetected;
        else if (error == UncorrectableError.PoisonedTlp)
            registers.Status |= Poisoned(physical);
        if (isMasked || !IsReported(physical, error, isFatal))
            return null;
        if ((physical.Registers.Command & CommandBits.SystemError) != 0)
            registers.Status |= StatusBits.SignaledSystemError;
        return new ErrorMessage(function.Dma.Requester, isFatal ? ErrorSeverity.Fatal : ErrorSeverity.NonFatal);
    }

    /// <summary>What a poisoned completion sets in Status (PCIe 7.5.1.1.4).</summary>
    private static ushort Poisoned(PciFunction physical) => (physical.Registers.Command & CommandBits.ParityErrorResponse) != 0
        ? (ushort)(StatusBits.DetectedParityError | StatusBits.MasterDataParityError)
        : StatusBits.DetectedParityError;

    private static bool IsReported(PciFunction physical, UncorrectableError error, bool isFatal)
    {
        // The enables in Device Control sit at the same places as the detected bits in Device Status.
        int enables = physical.Registers.DeviceControl;
        bool serr = (physical.Registers.Command & CommandBits.SystemError) != 0;
        bool enabled = serr || (enables & (isFatal ? FatalDetected : NonFatalDetected)) != 0;
        return enabled && (error != UncorrectableError.UnsupportedRequest || serr || (enables & UnsupportedRequestDetected) != 0);
    }
}
