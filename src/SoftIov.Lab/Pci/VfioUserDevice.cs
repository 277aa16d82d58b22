using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.Pci;

/// <summary>
/// A function served by vfio-user, as its driver reaches it. Driver memory is shared (<see cref="DriverMemory.CreateShared"/>), or reached by
/// messages when the client serves it (<see cref="VfioUserClientOptions.Memory"/>).
/// </summary>
public sealed class VfioUserDevice : IPciDevice, IDisposable
{
    private EventFd[] _events = [];

    /// <summary>Takes a client that has agreed on a version over.</summary>
    public VfioUserDevice(VfioUserClient client, string name)
    {
        Client = client;
        Name = name;
    }

    /// <summary>The session.</summary>
    public VfioUserClient Client { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Connects to a socket; the function is called by its path.</summary>
    public static VfioUserDevice Connect(string path) => new(VfioUserClient.Connect(path), path);

    /// <inheritdoc/>
    public void ReadConfig(int offset, Span<byte> destination) => Client.ReadConfig(offset, destination);

    /// <inheritdoc/>
    public void WriteConfig(int offset, ReadOnlySpan<byte> source) => Client.WriteConfig(offset, source);

    /// <inheritdoc/>
    public void ReadBar(int bar, ulong offset, Span<byte> destination) => Client.ReadRegion(bar, offset, destination);

    /// <inheritdoc/>
    public void WriteBar(int bar, ulong offset, ReadOnlySpan<byte> source) => Client.WriteRegion(bar, offset, source);

    /// <inheritdoc/>
    public void PostBar(int bar, ulong offset, ReadOnlySpan<byte> source) => Client.PostRegion(bar, offset, source);

    /// <inheritdoc/>
    public void MapMemory(DriverMemory memory) =>
        Client.MapDma(memory.Iova, (ulong)memory.Length, DmaAccess.Read | DmaAccess.Write, memory.File);

    /// <inheritdoc/>
    public void UnmapMemory(DriverMemory memory) => Client.UnmapDma(memory.Iova, (ulong)memory.Length);

    /// <inheritdoc/>
    public IReadOnlyList<EventFd> ConnectInterrupts(int count)
    {
        if (_events.Length > 0)
            Client.DisableMsix();
        DisposeEvents();
        _events = new EventFd[count];
        for (int i = 0; i < count; i++)
        {
            _events[i] = new EventFd();
            Client.SetMsix(i, _events[i]);
        }

        return _events;
    }

    /// <inheritdoc/>
    public void Reset() => Client.Reset();

    /// <summary>Ends the session.</summary>
    public void Dispose()
    {
        Client.Dispose();
        DisposeEvents();
    }

    private void DisposeEvents()
    {
        foreach (EventFd signal in _events)
            signal.Dispose();
        _events = [];
    }
}
