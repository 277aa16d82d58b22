using SoftIov.Devices.Virtio.Spec;
using SoftIov.Pcie;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// Interrupts of a virtio function: MSI-X vectors, or ISR bits and INTx while MSI-X is off (virtio 1.4, 4.1.5.1.2); or signals of its rings
/// while a front-end keeps the registers. Any thread.
/// </summary>
internal sealed class VirtioInterrupts(IVirtioDevice device, VirtioCounters counters)
{
    private IFunctionServices? _function;
    private IRingSignals? _signals;

    /// <summary>Whether INTx is asserted.</summary>
    public bool IsAsserted => Volatile.Read(ref device.Registers.Isr) != 0;

    public void Bind(IFunctionServices function) => _function = function;

    /// <summary>Where events go instead while a front-end keeps the registers; null otherwise.</summary>
    public IRingSignals? Signals
    {
        get => Volatile.Read(ref _signals);
        set => Volatile.Write(ref _signals, value);
    }

    /// <summary>A queue has used buffers that its driver wants to hear of.</summary>
    public void FireQueue(int queue)
    {
        Interlocked.Increment(ref counters.QueueInterrupts);
        if (Signals is { } signals)
        {
            signals.Used(queue);
            return;
        }

        Fire(Volatile.Read(ref device.Registers.Queues[queue].MsixVector), InterruptStatus.Queue);
    }

    /// <summary>The configuration changed, or the device needs a reset.</summary>
    public void FireConfiguration()
    {
        if (Signals is not null)
            return;

        Interlocked.Increment(ref counters.ConfigurationInterrupts);
        Fire(Volatile.Read(ref device.Registers.ConfigVector), InterruptStatus.Configuration);
    }

    /// <summary>Reads and clears the ISR byte; that deasserts INTx.</summary>
    public byte TakeStatus()
    {
        byte status = (byte)Interlocked.Exchange(ref device.Registers.Isr, 0);
        if (status != 0)
            _function?.UpdateIntx();
        return status;
    }

    private void Fire(ushort vector, InterruptStatus status)
    {
        IFunctionServices? function = _function;
        if (function is null)
            return;

        if (function.MessagesEnabled)
        {
            if (vector != CommonConfig.NoVector)
                function.Fire(vector);
            return;
        }

        Interlocked.Or(ref device.Registers.Isr, (int)status);
        function.UpdateIntx();
    }
}
