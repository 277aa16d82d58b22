using System.Net;
using System.Net.Sockets;
using SoftIov.Lab.TestBed;
using SoftIov.SystemTests.Bed;
using SoftIov.SystemTests.Rigs;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.VhostUser;

/// <summary>A running guest moves from one QEMU and daemon to another of each; both daemons' uplinks are in one bridge of the host.</summary>
[Collection(BedCollection.Name)]
public sealed class MigrationTests(BedFixture bed, ITestOutputHelper output)
{
    private const string Bridge = "softiov-br";
    private const string HostAddress = "10.78.0.254";
    private const int Lines = 300;

    [Fact]
    public async Task A_tcp_stream_survives_a_live_migration()
    {
        Assert.True(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "taps and a bridge need root and /dev/net/tun");
        await using Rig here = await Rig.StartAsync(bed, Configuration("softiov-m0"));
        await using Rig there = await Rig.StartAsync(bed, Configuration("softiov-m1"));
        await HostCommand.CheckAsync(
            $"ip link add {Bridge} type bridge && ip link set softiov-m0 master {Bridge} && ip link set softiov-m1 master {Bridge} && " +
            $"ip addr add {HostAddress}/24 dev {Bridge} && ip link set {Bridge} up && ip link set softiov-m0 up && ip link set softiov-m1 up");
        try
        {
            await here.RunAsync(() => there.RunAsync(() => MoveAsync(here, there)));
        }
        finally
        {
            await HostCommand.CheckAsync($"ip link del {Bridge}");
        }
    }

    private static string Configuration(string tap) =>
        $"adapters: [{{name: net0, numVfs: 1, uplink: {{tap: {{name: {tap}, create: true}}}}, " +
        "vfs: {0: {transport: vhost-user, mac: '52:54:00:78:00:01'}}}]";

    private async Task MoveAsync(Rig here, Rig there)
    {
        VirtualMachine source = await VhostRig.BootAsync(here, new VirtualMachineOptions { Name = "source" }, "net0/0");
        GuestNic nic = await here.FindNicAsync(source, "net0/0");
        await nic.UpAsync("10.78.0.1/24");
        Assert.Equal(0, await nic.PingAsync(HostAddress));

        using var listener = new TcpListener(IPAddress.Parse(HostAddress), 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task<List<string>> reading = ReadLinesAsync(listener);
        await nic.CheckAsync(
            $"(i=0; while [ $i -lt {Lines} ]; do echo line $i; i=$((i+1)); sleep 0.1; done | nc {HostAddress} {port}) >/dev/null 2>&1 &");

        VirtualMachine destination = await VhostRig.BootAsync(there, new VirtualMachineOptions { Name = "destination", IsIncoming = true }, "net0/0");
        MigrationResult result = await source.MigrateToAsync(destination);
        output.WriteLine($"{result.TotalTime.TotalSeconds:F1} s, down for {result.Downtime.TotalMilliseconds:F0} ms, {result.Transferred >> 20} MiB");
        await there.Daemon.WaitForAsync("net0/0", f => f.Driver == "driver-ok", "the guest is there");
        Assert.Equal(0, await new GuestNic(destination, nic.Name).PingAsync(HostAddress));

        List<string> lines = await reading.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"line {i}"), lines);
        Assert.True((await there.Daemon.GetAsync("net0/0")).Counters.TxPackets > 0);
    }

    private static async Task<List<string>> ReadLinesAsync(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using var reader = new StreamReader(client.GetStream());
        var lines = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
            lines.Add(line);
        return lines;
    }
}
