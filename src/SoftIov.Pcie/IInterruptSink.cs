namespace SoftIov.Pcie;

/// <summary>
/// Where a function's interrupts go when a transport serves it: eventfds. Called from pollers and control threads; must not block nor
/// call back: a function that goes waits for calls that are inside.
/// </summary>
public interface IInterruptSink
{
    /// <summary>
    /// Sends MSI-X vector <paramref name="vector"/>; false when the client has not asked for that vector (the event stays pending).
    /// </summary>
    bool SignalMsix(int vector);

    /// <summary>The same for MSI vector <paramref name="vector"/>.</summary>
    bool SignalMsi(int vector);

    /// <summary>Asserts INTx (level: the client asks again by unmasking while the function's interrupt status is still set).</summary>
    bool SignalIntx();

    /// <summary>
    /// Sends a message as the function wrote it: a memory write of one dword to the client. False when the client does not take it (the
    /// message is lost, as on a bus that is down).
    /// </summary>
    bool SignalMessage(ulong address, uint data) => false;
}
