using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// What makes a function a net or an NVMe function: identity, registers behind its BARs, and reset. A new personality implements this and
/// nothing else of PCIe. Calls come from one control thread at a time.
/// </summary>
public interface IPersonality
{
    /// <summary>Identity, BARs, interrupts and vendor capabilities; constant for the life of the function.</summary>
    PersonalityDescription Description { get; }

    /// <summary>The function this personality lives in was made; interrupts and DMA go through it.</summary>
    void Bind(IFunctionServices function);

    /// <summary>Reads a BAR; offset and length lie inside it, widths of 1, 2, 4 or 8 aligned or not. Never reaches the MSI-X table.</summary>
    void ReadBar(int index, ulong offset, Span<byte> destination);

    /// <summary>Writes a BAR; as <see cref="ReadBar"/>.</summary>
    void WriteBar(int index, ulong offset, ReadOnlySpan<byte> source);

    /// <summary>
    /// Function level reset, bus reset, VF Enable or DEVICE_RESET: power-on state. When it returns no DMA is in flight, and no event of before
    /// fires a vector later.
    /// </summary>
    void Reset();

    /// <summary>The driver switched bus mastering; off means: no DMA, no messages, from the return of this call on.</summary>
    void BusMasterChanged(bool enabled);

    /// <summary>
    /// A client has come that may map the pages of <see cref="PersonalityDescription.Shared"/>, or has gone (null). Each client gets zeroed
    /// memory of its own, which it writes at any time and without a message, so it is to be polled, and read like a guest's: copied first,
    /// then checked. Messages for these pages reach <see cref="ReadBar"/> and <see cref="WriteBar"/> as ever, and should find the same bytes
    /// there; resets leave them to the personality. From the return of this call on the former memory is used by nobody here.
    /// </summary>
    void SharedMemoryChanged(IHostMemory? memory)
    {
    }

    /// <summary>True while DMA of this function is in flight (Transactions Pending, PCIe 7.5.3.5). Any thread.</summary>
    bool TransactionsPending => false;

    /// <summary>Interrupt status that asserts INTx, for functions with a pin.</summary>
    bool IntxAsserted { get; }
}
