using SoftIov.Lab.VfioUser;
using SoftIov.Lab.Virtio;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.Guests;

/// <summary>A function behind a vfio-user socket as a driver of this process sees it.</summary>
internal sealed class VfioUserFunction(string name, VfioUserClient client) : IPciDevice, IDisposable
{
    private EventFd[] _interrupts = [];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public void ReadConfig(int offset, Span<byte> destination) => client.ReadConfig(offset, destination);

    /// <inheritdoc/>
    public void WriteConfig(int offset, ReadOnlySpan<byte> source) => client.WriteConfig(offset, source);

    /// <inheritdoc/>
    public void ReadBar(int bar, ulong offset, Span<byte> destination) => client.ReadRegion(bar, offset, destination);

    /// <inheritdoc/>
    public void WriteBar(int bar, ulong offset, ReadOnlySpan<byte> source) => client.WriteRegion(bar, offset, source);

    /// <inheritdoc/>
    public void PostBar(int bar, ulong offset, ReadOnlySpan<byte> source) => client.PostRegion(bar, offset, source);

    /// <inheritdoc/>
    public void MapMemory(DriverMemory memory) =>
        client.MapDma(memory.Iova, (ulong)memory.Length, DmaAccess.Read | DmaAccess.Write, memory.File);

    /// <inheritdoc/>
    public void UnmapMemory(DriverMemory memory) => client.UnmapDma(memory.Iova, (ulong)memory.Length);

    /// <inheritdoc/>
    public IReadOnlyList<EventFd> ConnectInterrupts(int count)
    {
        client.DisableMsix();
        DisposeInterrupts();
        _interrupts = new EventFd[count];
        for (int i = 0; i < count; i++)
        {
            _interrupts[i] = new EventFd();
            client.SetMsix(i, _interrupts[i]);
        }

        return _interrupts;
    }

    /// <inheritdoc/>
    public void Reset() => client.Reset();

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        DisposeInterrupts();
    }

    private void DisposeInterrupts()
    {
        foreach (EventFd interrupt in _interrupts)
            interrupt.Dispose();
    }
}
