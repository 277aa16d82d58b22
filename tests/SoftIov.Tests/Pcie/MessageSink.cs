using SoftIov.Pcie;

namespace SoftIov.Tests.Pcie;

/// <summary>A client that takes interrupt messages as memory writes.</summary>
internal sealed class MessageSink : IInterruptSink
{
    public List<(ulong Address, uint Data)> Messages { get; } = [];

    public bool SignalMsix(int vector) => false;

    public bool SignalMsi(int vector) => false;

    public bool SignalIntx() => false;

    public bool SignalMessage(ulong address, uint data)
    {
        Messages.Add((address, data));
        return true;
    }
}
