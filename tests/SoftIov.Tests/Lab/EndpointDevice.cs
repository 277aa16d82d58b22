using SoftIov.Lab.Pci;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;

namespace SoftIov.Tests.Lab;

/// <summary>An endpoint of this process as a driver's device: no transport between. Vectors go to events.</summary>
internal sealed class EndpointDevice(IEndpoint endpoint) : IPciDevice, IInterruptSink, IDisposable
{
    private EventFd[] _events = [];

    public string Name => endpoint.Name;

    public void ReadConfig(int offset, Span<byte> destination) => endpoint.ReadConfig(offset, destination);

    public void WriteConfig(int offset, ReadOnlySpan<byte> source) => endpoint.WriteConfig(offset, source);

    public void ReadBar(int bar, ulong offset, Span<byte> destination) => endpoint.ReadBar(bar, offset, destination);

    public void WriteBar(int bar, ulong offset, ReadOnlySpan<byte> source) => endpoint.WriteBar(bar, offset, source);

    public void PostBar(int bar, ulong offset, ReadOnlySpan<byte> source) => endpoint.WriteBar(bar, offset, source);

    public void MapMemory(DriverMemory memory)
    {
        DmaMapStatus status = endpoint.Dma.Map(memory.Iova, (ulong)memory.Length, DmaAccess.Read | DmaAccess.Write, memory.Host, 0);
        if (status != DmaMapStatus.Ok)
            throw new InvalidOperationException($"{Name} does not map driver memory: {status}.");
    }

    public void UnmapMemory(DriverMemory memory) => endpoint.Dma.Unmap(memory.Iova, (ulong)memory.Length, out _);

    public IReadOnlyList<EventFd> ConnectInterrupts(int count)
    {
        endpoint.Interrupts = null;
        EventFd[] former = _events;
        _events = new EventFd[count];
        for (int i = 0; i < count; i++)
            _events[i] = new EventFd();
        foreach (EventFd signal in former)
            signal.Dispose();
        if (count > 0)
            endpoint.Interrupts = this;
        return _events;
    }

    public void Reset() => endpoint.Reset();

    public bool SignalMsix(int vector)
    {
        EventFd[] events = _events;
        if ((uint)vector >= (uint)events.Length)
            return false;

        events[vector].Signal();
        return true;
    }

    public bool SignalMsi(int vector) => false;

    public bool SignalIntx() => false;

    public void Dispose()
    {
        endpoint.Interrupts = null;
        foreach (EventFd signal in _events)
            signal.Dispose();
    }
}
