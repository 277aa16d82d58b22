using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// What a transport serves to a VMM: one PCIe endpoint with configuration space, BARs, interrupts and a DMA domain. A function's assigned
/// view is one; a whole adapter behind another face can be one. Calls come from one control thread at a time.
/// </summary>
public interface IEndpoint
{
    /// <summary>For logs and errors, for example net0/3.</summary>
    string Name { get; }

    /// <summary>Configuration space size: 4096 for PCIe.</summary>
    int ConfigSize { get; }

    /// <summary>MSI-X vectors; 0 when the endpoint has no MSI-X capability.</summary>
    int MsixVectorCount { get; }

    /// <summary>MSI vectors, a power of two up to 32; 0 when the endpoint has no MSI capability.</summary>
    int MsiVectorCount { get; }

    /// <summary>True when the endpoint has an interrupt pin.</summary>
    bool HasIntx { get; }

    /// <summary>The address space its DMA goes through; the transport fills it from the client's maps.</summary>
    DmaDomain Dma { get; }

    /// <summary>Where interrupts go while a client is attached; null otherwise.</summary>
    IInterruptSink? Interrupts { get; set; }

    /// <summary>Pages of a BAR that the client may map; null for none.</summary>
    SharedBarMemory? Shared => null;

    /// <summary>
    /// The memory of <see cref="Shared"/> for the client that is there now, zeroed and not used for any other; null when the client goes. From
    /// the return of the call on the former memory is not used any more.
    /// </summary>
    void ShareMemory(IHostMemory? memory)
    {
    }

    /// <summary>BAR 0..5 as the client shall see it.</summary>
    BarDescription Bar(int index);

    /// <summary>Reads configuration space, any alignment and width inside <see cref="ConfigSize"/>.</summary>
    void ReadConfig(int offset, Span<byte> destination);

    /// <summary>Writes configuration space, any alignment and width inside <see cref="ConfigSize"/>.</summary>
    void WriteConfig(int offset, ReadOnlySpan<byte> source);

    /// <summary>Reads a BAR; <paramref name="offset"/> and length lie inside it. What decodes nothing reads 0.</summary>
    void ReadBar(int index, ulong offset, Span<byte> destination);

    /// <summary>Writes a BAR; <paramref name="offset"/> and length lie inside it. A doorbell write returns at once.</summary>
    void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source);

    /// <summary>
    /// Resets the function as its client sees it, but for registers that are sticky (PCIe 7.4). When it returns all DMA has stopped.
    /// </summary>
    void Reset();

    /// <summary>
    /// The client is gone for good, by its own will or not: all that it set up or caused is as at power-on, also what resets keep, for the next
    /// client is another tenant. When it returns all DMA has stopped, and bus mastering is off.
    /// </summary>
    void ColdReset();

    /// <summary>The client asked for MSI-X vector <paramref name="vector"/> just now: what is pending for it goes out.</summary>
    void MsixConnected(int vector);

    /// <summary>The same for MSI vector <paramref name="vector"/>.</summary>
    void MsiConnected(int vector);

    /// <summary>
    /// False once the function is gone: its VF was disabled or its adapter removed. Every later call is harmless: reads give all ones,
    /// writes are dropped.
    /// </summary>
    bool IsPresent => true;

    /// <summary>
    /// The function is gone; the transport drops its session. Raised once, on a control thread that holds no lock of the function, after
    /// DMA and interrupts have stopped. Who subscribes looks at <see cref="IsPresent"/> afterwards: it may have been raised before.
    /// Handlers do not throw.
    /// </summary>
    event Action? Gone
    {
        add { }
        remove { }
    }

    /// <summary>INTx was unmasked by the client: whether the interrupt status still asserts it.</summary>
    bool IntxAsserted { get; }
}
