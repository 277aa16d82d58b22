using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>Keeps the interrupt messages that reach the root.</summary>
internal sealed class RecordingSignal : IMessageSignal
{
    public List<InterruptMessage> Messages { get; } = [];

    public void Send(in InterruptMessage message)
    {
        lock (Messages)
            Messages.Add(message);
    }
}
