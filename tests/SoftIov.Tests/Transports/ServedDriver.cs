using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;

namespace SoftIov.Tests.Transports;

/// <summary>A network driver, its device behind a socket, and its memory.</summary>
internal sealed class ServedDriver : IDisposable
{
    private readonly DriverMemory _memory;

    public ServedDriver(VfioUserDevice device, NetDriverOptions options)
    {
        Device = device;
        _memory = DriverMemory.CreateShared("guest", options.MemoryNeeded);
        Driver = VirtioNetDriver.Open(device, _memory, options);
    }

    public VfioUserDevice Device { get; }

    public VirtioNetDriver Driver { get; }

    public void Dispose()
    {
        // As a process that is killed does it: the connection goes, and nothing is said before.
        Device.Dispose();
        _memory.Dispose();
    }
}
