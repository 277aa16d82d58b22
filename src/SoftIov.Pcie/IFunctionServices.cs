using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>What a function gives its personality.</summary>
public interface IFunctionServices
{
    /// <summary>For logs and errors, for example net0/3.</summary>
    string Name { get; }

    /// <summary>The function's own DMA domain.</summary>
    DmaDomain Dma { get; }

    /// <summary>
    /// Fires vector <paramref name="vector"/> of MSI-X or MSI, whichever is enabled: sent, or kept pending while masked or not bus master. With
    /// MSI, vectors that software granted are used for those that it did not. Any thread.
    /// </summary>
    void Fire(int vector);

    /// <summary>Reports that the interrupt status changed, for functions on INTx. Any thread.</summary>
    void UpdateIntx();

    /// <summary>True when the client uses MSI-X or MSI just now; then the INTx status is not set.</summary>
    bool MessagesEnabled { get; }

    /// <summary>
    /// Runs <paramref name="work"/> as register accesses run: none of them and no reset comes at the same time. False when the function is
    /// gone. For personalities that are driven otherwise than by registers; any control thread.
    /// </summary>
    bool TryRun(Action work);
}
