namespace SoftIov.Pcie;

/// <summary>
/// The MSI vectors of a function (PCIe 7.7.1): all its registers are in configuration space, so the mask bits count with a client too. Of
/// its vectors a function uses those that software granted by Multiple Message Enable; the others share them.
/// </summary>
internal sealed class MsiVectors(PciFunction function) : MessageVectors(function, function.Description.MsiVectorCount)
{
    /// <inheritdoc/>
    public override bool IsEnabled => (Volatile.Read(ref Function.Registers.MsiControl) & MsiCapability.Enable) != 0;

    private int GrantedCount =>
        Math.Min(1 << (Volatile.Read(ref Function.Registers.MsiControl) >> MsiCapability.MultipleMessageEnableShift & 7), Count);

    /// <summary>Message control was written.</summary>
    public void ControlChanged()
    {
        if (IsEnabled)
            Opened();
        else
            Function.Registers.MsiPending = 0;
    }

    protected override int Granted(int vector) => vector & (GrantedCount - 1);

    protected override ref ulong PendingWord(int index) => ref Function.Registers.MsiPending;

    protected override bool IsMasked(int vector) => (Volatile.Read(ref Function.Registers.MsiMask) >> vector & 1) != 0;

    protected override bool TrySignal(IInterruptSink sink, int vector) => sink.SignalMsi(vector);

    protected override InterruptMessage? MessageOf(int vector)
    {
        lock (Function.MessageGate)
        {
            if (!IsEnabled || IsMasked(vector))
                return null;
            ref FunctionRegisters registers = ref Function.Registers;
            ulong address = registers.MsiAddressLow | ((ulong)registers.MsiAddressHigh << 32);
            uint data = registers.MsiData & ~(uint)(GrantedCount - 1) | (uint)vector;
            return new InterruptMessage(Function.Dma.Requester, address, data);
        }
    }
}
