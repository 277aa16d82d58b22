using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Lab.Pci;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>A network function and the laboratory's driver for it. Function n owns <see cref="TestFrame.Mac"/>(n).</summary>
internal sealed class Guest : IDisposable
{
    public Guest(
        VirtualSwitch vswitch, int function, NetDriverOptions? options = null, NetFunctionSettings? settings = null, VfPolicy? policy = null,
        PollScheduler? scheduler = null, long messageBytes = 0, TimeProvider? time = null)
    {
        Options = options ?? new NetDriverOptions();
        settings ??= new NetFunctionSettings { Name = $"net0/{function - 1}", QueuePairs = Options.QueuePairs };
        Device = new NetEndpoint(settings, vswitch, function, policy, scheduler, time);
        Device.MessageBytes = messageBytes;
        Memory = DriverMemory.CreatePrivate(Options.MemoryNeeded + (1 << 20));
        Driver = VirtioNetDriver.Open(Device, Memory, Options);
    }

    public NetDriverOptions Options { get; }

    public NetEndpoint Device { get; }

    public DriverMemory Memory { get; }

    public VirtioNetDriver Driver { get; }

    public SwitchPort Port => Device.Port;

    public NetFunctionCounters Counters => Device.Function.Counters;

    public MacAddress Mac => Port.MacAddress;

    public bool IsHealthy => Device.Function.Status.IsLive;

    /// <summary>Receive buffers taken back so far, as the used index counts them when there is one pair.</summary>
    public ushort BuffersReceived { get; private set; }

    public void Send(byte[] frame, FrameHeader header = default, int pair = 0)
    {
        Assert.True(Driver.Pairs[pair].TrySend(in header, frame), "no room to send");
        Device.Settle();
    }

    /// <summary>The next frame; null when there is none.</summary>
    public byte[]? Receive(out FrameHeader header, int pair = 0)
    {
        byte[] buffer = new byte[FrameBatch.MaxFrameLength];
        int length = Driver.Pairs[pair].TryReceive(buffer, out header);
        BuffersReceived += length < 0 ? (ushort)0 : header.BufferCount;
        return length < 0 ? null : buffer[..length];
    }

    public List<byte[]> ReceiveAll(int pair = 0)
    {
        var frames = new List<byte[]>();
        while (Receive(out _, pair) is { } frame)
            frames.Add(frame);
        return frames;
    }

    /// <summary>Takes everything from every pair; returns how many frames that were.</summary>
    public int Drain() => Enumerable.Range(0, Driver.Pairs.Count).Sum(pair => ReceiveAll(pair).Count);

    public byte Command(byte category, byte command, params byte[] data) => Driver.Command(category, command, data);

    public void Dispose()
    {
        Device.Dispose();
        Memory.Dispose();
    }
}
