using System.Text.Json.Nodes;
using System.Xml.Linq;
using SoftIov.Api;
using SoftIov.Lab.Pci;
using SoftIov.Lab.VfioUser;
using SoftIov.Lab.VhostUser;
using SoftIov.Linux;
using SoftIov.Tests.Cli;
using Xunit;

namespace SoftIov.Tests.Daemon.Composition;

/// <summary>VFs by vhost-user in a whole daemon: who has them, what attach says, what outlives a restart.</summary>
public sealed class VhostUserHostTests
{
    private const string Yaml = "adapters: [{name: net0, totalVfs: 4, numVfs: 2, queuePairs: 2}]";

    [Fact]
    public async Task Attach_moves_the_vf_to_a_vhost_user_socket_and_back()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        AttachResult attached = await host.Client.AttachAsync(new AttachRequest("net0/1", By: "vhost-user"));
        Assert.Equal(host.Socket("vf1-vhost.sock"), attached.Socket);
        Assert.False(File.Exists(host.Socket("vf1.sock")));
        Assert.Equal(2, attached.Rings!.QueuePairs);
        string arguments = string.Join(' ', attached.QemuArguments);
        Assert.Contains($"socket,id=softiov-net0-1-socket,path={attached.Socket},reconnect-ms=1000", arguments);
        Assert.Contains("vhost-user,id=softiov-net0-1-net,chardev=softiov-net0-1-socket,queues=2", arguments);
        Assert.Contains($"\"mac\":\"{(await host.FunctionAsync("net0/1")).Mac}\"", arguments);
        Assert.Contains("\"mq\":true,\"vectors\":6", arguments);

        AttachResult back = await host.Client.AttachAsync(new AttachRequest("net0/1", By: "vfio-user"));
        Assert.Equal(host.Socket("vf1.sock"), back.Socket);
        Assert.Null(back.Rings);
        using VfioUserClient client = VfioUserClient.Connect(back.Socket);
    }

    [Fact]
    public async Task A_vf_has_one_owner_whichever_transport()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        AttachResult attached = await host.Client.AttachAsync(new AttachRequest("net0/0", By: "vhost-user"));
        using DriverMemory memory = Memory();
        using VhostUserNetDriver driver = VhostUserNetDriver.Open(FrontEndChannel.Connect(attached.Socket), memory, Options);
        NetFunctionStatus status = await host.UntilAsync("net0/0", s => s.Attachment is not null && s.Driver == "driver-ok");
        Assert.Equal("vhost-user", status.Attachment!.By);

        foreach (string by in (string[])["vfio-user", "vhost-user"])
        {
            var error = await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0/0", By: by)));
            Assert.Equal(ControlErrorCode.InUse, error.Code);
        }

        var needsForce = await Assert.ThrowsAsync<ControlException>(() => host.Client.SetAsync(
            new SetRequest("net0/0", new Dictionary<string, string> { ["transport"] = "vfio-user" })));
        Assert.Equal(ControlErrorCode.NeedsForce, needsForce.Code);
        DescribeResult described = await host.Client.DescribeAsync("net0/0");
        Assert.Contains(described.Sections.SelectMany(s => s.Rows), row => row is { Name: "transport", Value: "vhost-user" });

        await host.Client.SetAsync(new SetRequest("net0/0", new Dictionary<string, string> { ["transport"] = "vfio-user" }, Force: true));
        Assert.True(driver.Channel.IsClosedByBackEnd());
        using VfioUserClient client = VfioUserClient.Connect(host.Socket("vf0.sock"));
    }

    [Fact]
    public async Task A_restarted_daemon_serves_it_as_before_and_the_front_end_goes_on()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        AttachResult first = await host.Client.AttachAsync(new AttachRequest("net0/0", By: "vhost-user"));
        AttachResult second = await host.Client.AttachAsync(new AttachRequest("net0/1", By: "vhost-user"));
        using DriverMemory memory = Memory();
        using DriverMemory others = Memory();
        using VhostUserNetDriver sender = VhostUserNetDriver.Open(FrontEndChannel.Connect(first.Socket), memory, Options);
        using VhostUserNetDriver receiver = VhostUserNetDriver.Open(FrontEndChannel.Connect(second.Socket), others, Options);
        byte[] frame = await FrameAsync(host);
        Pass(sender, receiver, frame);

        await host.RestartAsync();
        sender.Reconnect(FrontEndChannel.Connect(first.Socket), [0, 0]);
        receiver.Reconnect(FrontEndChannel.Connect(second.Socket), [0, 0]);
        Pass(sender, receiver, frame);
    }

    [Fact]
    public async Task The_daemon_connects_to_a_front_end_that_listens_and_again_when_it_went_away()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        Dictionary<string, string> tooLong = new() { ["transport"] = "vhost-user:/" + new string('x', 107) };
        await Assert.ThrowsAsync<ControlException>(() => host.Client.SetAsync(new SetRequest("net0/0", tooLong)));
        string path = Path.Combine(host.Files, "front-end.sock");
        await host.Client.SetAsync(new SetRequest("net0/0", new Dictionary<string, string> { ["transport"] = $"vhost-user:{path}" }));
        AttachResult attached = await host.Client.AttachAsync(new AttachRequest("net0/0"));
        Assert.Contains($"path={path},server=on,wait=off", string.Join(' ', attached.QemuArguments));
        using DriverMemory memory = Memory();
        for (int i = 0; i < 2; i++)
        {
            memory.Free();
            using UnixListener listener = new(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            UnixStream? stream = null;
            Assert.True(SpinWait.SpinUntil(() => (stream = listener.TryAccept(out _)) is not null, TimeSpan.FromSeconds(30)));
            stream!.Descriptor.SetBlocking();
            using VhostUserNetDriver driver = VhostUserNetDriver.Open(new FrontEndChannel(stream), memory, Options);
            await host.UntilAsync("net0/0", s => s.Driver == "driver-ok");
        }
    }

    [Fact]
    public async Task The_pf_and_functions_that_move_no_frames_have_no_such_socket()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        var pf = await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0/pf", By: "vhost-user")));
        Assert.Contains("VFs of net adapters can", pf.Message);
        var unknown = await Assert.ThrowsAsync<ControlException>(() => host.Client.AttachAsync(new AttachRequest("net0/0", By: "vhost")));
        Assert.Contains("no way to attach", unknown.Message);
    }

    [Fact]
    public async Task With_a_monitor_socket_back_end_and_device_are_plugged_and_all_of_them_go_again()
    {
        await using HostFixture host = await HostFixture.StartAsync(Yaml);
        JsonObject? device = null;
        await using var qemu = new QemuMonitorModel { Plugged = one => device = one };
        AttachResult attached = await host.Client.AttachAsync(new AttachRequest("net0/0", By: "vhost-user", Qmp: qemu.Path));
        Assert.Equal("rp1", attached.Bus);
        Assert.Equal(["chardev-add", "netdev_add"], qemu.BackEnds.Select(one => one.Command));
        string socket = qemu.BackEnds[0].Arguments.ToJsonString();
        Assert.Contains($"\"path\":\"{attached.Socket}\"", socket);
        Assert.Contains("\"reconnect-ms\":1000", socket);
        Assert.Equal("virtio-net-pci", (string)device!["driver"]!);
        Assert.Equal((string)qemu.BackEnds[1].Arguments["id"]!, (string)device["netdev"]!);

        qemu.BackEnds.Clear();
        await host.Client.DetachAsync(new DetachRequest("net0/0", Qmp: qemu.Path));
        Assert.Equal(["netdev_del", "chardev-remove"], qemu.BackEnds.Select(one => one.Command));
    }

    [Fact]
    public void Libvirt_gets_what_its_schema_has()
    {
        var rings = new VhostUserDevice("/run/a&b.sock", false, "52:54:00:12:34:56", 4, 9000);
        XElement net = XElement.Parse(Xml(rings));
        XElement source = net.Element("source")!;
        Assert.Equal("vhostuser", (string)net.Attribute("type")!);
        Assert.Equal(("unix", "/run/a&b.sock", "client"), (Of("type"), Of("path"), Of("mode")));
        Assert.Equal("yes", (string)source.Element("reconnect")!.Attribute("enabled")!);
        Assert.Equal("52:54:00:12:34:56", (string)net.Element("mac")!.Attribute("address")!);
        Assert.Equal("virtio", (string)net.Element("model")!.Attribute("type")!);
        Assert.Equal(4, (int)net.Element("driver")!.Attribute("queues")!);
        Assert.Equal(9000, (int)net.Element("mtu")!.Attribute("size")!);
        Assert.Contains("mode=\"server\"", Xml(rings with { IsFrontEndServer = true }));

        string Of(string name) => (string)source.Attribute(name)!;
        static string Xml(VhostUserDevice rings) => LibvirtXml.Of(new AttachResult("net0/3", rings.Socket, "softiov-net0-3", [], Rings: rings));
    }

    private static FrontEndOptions Options { get; } = new()
    {
        Driver = new() { Features = FrontEndOptions.Plain, RingSize = 64 },
    };

    private static DriverMemory Memory() => DriverMemory.CreateShared("guest", Options.Driver.MemoryNeeded);

    private static async Task<byte[]> FrameAsync(HostFixture host)
    {
        byte[] frame = new byte[100];
        Convert.FromHexString((await host.FunctionAsync("net0/1")).Mac.Replace(":", "")).CopyTo(frame, 0);
        Convert.FromHexString((await host.FunctionAsync("net0/0")).Mac.Replace(":", "")).CopyTo(frame, 6);
        (frame[12], frame[13], frame[99]) = (0x88, 0xB5, 7);
        return frame;
    }

    private static void Pass(VhostUserNetDriver sender, VhostUserNetDriver receiver, byte[] frame)
    {
        byte[] received = new byte[2048];
        Assert.True(SpinWait.SpinUntil(() => sender.Pairs[0].TrySend(default, frame), TimeSpan.FromSeconds(30)));
        Assert.True(receiver.Pairs[0].WaitForFrame(TimeSpan.FromSeconds(30)));
        Assert.Equal(frame, received[..receiver.Pairs[0].TryReceive(received, out _)]);
    }
}
