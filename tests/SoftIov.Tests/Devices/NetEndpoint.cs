using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>
/// A network function on no bus, its registers as a driver reaches them, its interrupts, and polling by hand. A switch may be shared.
/// </summary>
internal sealed partial class NetEndpoint : IInterruptSink, IDisposable
{
    private readonly PciFunction _pci;
    private readonly NativeStateStore _states = new();
    private readonly bool _isPolledByHand;

    public NetEndpoint(
        NetFunctionSettings? settings = null, VirtualSwitch? vswitch = null, int function = 1, VfPolicy? policy = null,
        PollScheduler? scheduler = null, TimeProvider? time = null)
    {
        _isPolledByHand = scheduler is null;
        settings ??= new NetFunctionSettings { Name = $"net0/{function - 1}" };
        Switch = vswitch ?? new VirtualSwitch(TimeProvider.System);
        Port = Switch.AddFunctionPort(function, policy ?? VfPolicy.Default, TestFrame.Mac(function));
        Function = new NetFunction(settings, Port, _states, time ?? TimeProvider.System, scheduler);
        Dma = new DmaDomain(scheduler ?? (IQuiescence)new NoPollers(), new DmaFaultLog(64));
        _pci = PciFunction.Create(settings.Name, Function, Dma, _states);
        Endpoint.Interrupts = this;
        BusMaster = true;
        MsixOn = Endpoint.MsixVectorCount > 0;
    }

    public VirtualSwitch Switch { get; }

    public SwitchPort Port { get; }

    public NetFunction Function { get; }

    public DmaDomain Dma { get; }

    public IEndpoint Endpoint => _pci.Endpoint;

    public PollContext Context { get; } = new();

    /// <summary>MSI-X vectors in the order they were sent.</summary>
    public List<int> Messages { get; } = [];

    public int IntxSignals { get; private set; }

    public VirtioFeatures Offered => (VirtioFeatures)(Features(0) | (ulong)Features(1) << 32);

    public byte Status
    {
        get => (byte)Read(CommonConfig.DeviceStatus, 1);
        set => Write(CommonConfig.DeviceStatus, 1, value);
    }

    public bool BusMaster
    {
        set => SetConfigBit(0x04, 1 << 2, value);
    }

    public bool MsixOn
    {
        set => SetConfigBit(FindCapability(0x11) + 2, 1 << 15, value);
    }

    public bool SignalMsix(int vector)
    {
        lock (Messages)
            Messages.Add(vector);
        if (vector < _events.Count)
            _events[vector].Signal();
        return true;
    }

    public bool SignalMsi(int vector) => false;

    public bool SignalIntx()
    {
        IntxSignals++;
        return true;
    }

    /// <summary>Reads the common structure, or anything else in the BAR by its offset.</summary>
    public ulong Read(uint offset, int width)
    {
        Span<byte> bytes = stackalloc byte[8];
        Endpoint.ReadBar(VirtioBar.Index, offset, bytes[..width]);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public void Write(uint offset, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Endpoint.WriteBar(VirtioBar.Index, offset, bytes[..width]);
    }

    public ulong ReadDevice(uint offset, int width) => Read(VirtioBar.Device + offset, width);

    public ulong ReadConfig(int offset, int width)
    {
        Span<byte> bytes = stackalloc byte[8];
        Endpoint.ReadConfig(offset, bytes[..width]);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public void WriteConfig(int offset, int width, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Endpoint.WriteConfig(offset, bytes[..width]);
    }

    public uint Features(uint word)
    {
        Write(CommonConfig.DeviceFeatureSelect, 4, word);
        return (uint)Read(CommonConfig.DeviceFeature, 4);
    }

    public void WriteFeatures(VirtioFeatures features)
    {
        for (uint word = 0; word < 2; word++)
        {
            Write(CommonConfig.DriverFeatureSelect, 4, word);
            Write(CommonConfig.DriverFeature, 4, (uint)((ulong)features >> (32 * (int)word)));
        }
    }

    /// <summary>Reset up to FEATURES_OK; false when the device refuses.</summary>
    public bool TryNegotiate(VirtioFeatures features)
    {
        Status = 0;
        Status = 1;
        Status = 3;
        WriteFeatures(features);
        Status = 11;
        return (Status & 8) != 0;
    }

    public void Negotiate(VirtioFeatures features) => Assert.True(TryNegotiate(features | VirtioFeatures.Version1));

    /// <summary>Writes all registers of a queue; sizes and addresses as they come.</summary>
    public void SetQueue(int queue, in VirtqueueLayout layout, ushort vector = CommonConfig.NoVector, bool enable = true)
    {
        Write(CommonConfig.QueueSelect, 2, (ulong)queue);
        Write(CommonConfig.QueueSize, 2, layout.Size);
        Write(CommonConfig.QueueMsixVector, 2, vector);
        Write(CommonConfig.QueueDesc, 4, (uint)layout.DescriptorArea);
        Write(CommonConfig.QueueDesc + 4, 4, layout.DescriptorArea >> 32);
        Write(CommonConfig.QueueDriver, 4, (uint)layout.DriverArea);
        Write(CommonConfig.QueueDriver + 4, 4, layout.DriverArea >> 32);
        Write(CommonConfig.QueueDevice, 4, (uint)layout.DeviceArea);
        Write(CommonConfig.QueueDevice + 4, 4, layout.DeviceArea >> 32);
        if (enable)
            Write(CommonConfig.QueueEnable, 2, 1);
    }

    public ulong ReadQueue(int queue, uint field, int width = 2)
    {
        Write(CommonConfig.QueueSelect, 2, (ulong)queue);
        return Read(field, width);
    }

    public void Notify(int queue) => Write(VirtioBar.Notify + ((uint)queue * VirtioBar.NotifyMultiplier), 2, (ulong)queue);

    /// <summary>One round over all queues, as a poller makes it.</summary>
    public int Poll()
    {
        int handled = 0;
        foreach (IPollable pollable in Function.Device.Pollables)
            handled += pollable.Poll(Context);
        return handled;
    }

    /// <summary>Works until nothing is left and asks for kicks, as a poller does that goes to sleep.</summary>
    public void Settle()
    {
        if (!_isPolledByHand)
            return;

        foreach (IPollable pollable in Function.Device.Pollables)
        {
            pollable.Disarm();
            do
            {
                while (pollable.Poll(Context) > 0)
                {
                }
            }
            while (pollable.Arm(Context));
        }
    }

    public int FindCapability(byte id)
    {
        int at = (int)ReadConfig(0x34, 1);
        while (at != 0 && ReadConfig(at, 1) != id)
            at = (int)ReadConfig(at + 1, 1);
        return at;
    }

    public void Dispose()
    {
        _pci.Dispose();
        foreach (EventFd @event in _events)
            @event.Dispose();
    }

    private void SetConfigBit(int offset, ulong bit, bool on)
    {
        ulong before = ReadConfig(offset, 2);
        WriteConfig(offset, 2, on ? before | bit : before & ~bit);
    }

    /// <summary>Polled by hand: nobody is inside.</summary>
    private sealed class NoPollers : IQuiescence
    {
        public void WaitForQuietPoint()
        {
        }
    }
}
