using SoftIov.Datapath;
using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Network functions inside an adapter that an operating system's driver enabled.</summary>
public sealed class AdapterTests : IDisposable
{
    private readonly MemfdStateStore _states = new();
    private readonly PollScheduler _scheduler = new([new SignalSleep()], new PollSettings(), TimeProvider.System);
    private readonly NetFunction _physical;
    private readonly SriovAdapter _adapter;

    public AdapterTests()
    {
        var vswitch = new VirtualSwitch(TimeProvider.System);
        SwitchPort port = vswitch.AddFunctionPort(0, VfPolicy.Physical, TestFrame.Mac(0));
        var settings = new NetFunctionSettings { Name = "net0/pf", HasSriovCapability = true };
        _physical = new NetFunction(settings, port, _scheduler, _states, TimeProvider.System);
        _adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = "net0",
            Physical = _physical,
            Virtuals = new NetVirtualFunctions(vswitch, _states),
            TotalVfs = 8,
            State = _states,
            Quiescence = _scheduler,
        });
    }

    [Fact]
    public async Task V020_V021_Virtual_functions_live_after_vf_enable_whatever_the_pf_s_driver_negotiated()
    {
        await _adapter.StartAsync();
        Assert.Equal(0, Status(_adapter.Physical));
        await _adapter.EnableAsync(3);
        for (int vf = 0; vf < 3; vf++)
        {
            IEndpoint endpoint = _adapter.Vf(vf)!;
            Assert.Equal(0, Status(endpoint));
            endpoint.WriteBar(VirtioBar.Index, CommonConfig.DeviceStatus, [3]);
            Assert.Equal(3, Status(endpoint));
        }

        await _adapter.DisableAsync();
        await _adapter.EnableAsync(1);
        Assert.Equal(0, Status(_adapter.Vf(0)!));
    }

    [Fact]
    public async Task V019_Sr_iov_is_offered_by_the_pf_alone()
    {
        await _adapter.StartAsync();
        await _adapter.EnableAsync(1);
        Assert.True((HighFeatures(_adapter.Physical) & (1u << 5)) != 0);
        Assert.False((HighFeatures(_adapter.Vf(0)!) & (1u << 5)) != 0);
    }

    [Fact]
    public async Task Both_state_pages_of_a_function_are_kept_as_memory_files()
    {
        await _adapter.StartAsync();
        await _adapter.EnableAsync(1);
        Status(_adapter.Vf(0)!);
        Assert.NotNull(_states.FileOf("net0/0/pcie"));
        Assert.NotNull(_states.FileOf("net0/0/net"));
        Assert.NotNull(_states.FileOf("net0/pf/net"));
    }

    public void Dispose()
    {
        _adapter.Dispose();
        _physical.Dispose();
        _scheduler.Dispose();
        _states.Dispose();
    }

    private static byte Status(IEndpoint endpoint)
    {
        Span<byte> status = stackalloc byte[1];
        endpoint.ReadBar(VirtioBar.Index, CommonConfig.DeviceStatus, status);
        return status[0];
    }

    private static uint HighFeatures(IEndpoint endpoint)
    {
        endpoint.WriteBar(VirtioBar.Index, CommonConfig.DeviceFeatureSelect, [1, 0, 0, 0]);
        Span<byte> word = stackalloc byte[4];
        endpoint.ReadBar(VirtioBar.Index, CommonConfig.DeviceFeature, word);
        return BitConverter.ToUInt32(word);
    }
}
