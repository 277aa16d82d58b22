namespace SoftIov.Pcie;

/// <summary>Where interrupt messages of functions on a bus go. Called from pollers and control threads; must not block nor call back.</summary>
public interface IMessageSignal
{
    /// <summary>Delivers a message, or drops it when its requester may not send it.</summary>
    void Send(in InterruptMessage message);
}
