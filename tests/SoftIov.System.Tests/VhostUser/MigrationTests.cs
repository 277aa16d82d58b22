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
    private const int AccessPlatform = 33;
    private const int RingPacked = 34;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_tcp_stream_survives_live_migrations_there_and_back(bool isPacked, bool hasIommu)
    {
        Assert.True(Environment.IsPrivilegedProcess && File.Exists("/dev/net/tun"), "taps and a bridge need root and /dev/net/tun");
        await using Rig here = await Rig.StartAsync(bed, Configuration("softiov-m0"));
        await using Rig there = await Rig.StartAsync(bed, Configuration("softiov-m1"));
        await HostCommand.CheckAsync(
            $"[ -n \"$(ls /sys/class/net/{Bridge}/brif)\" ] || ip link del {Bridge}; " + // of a run that was killed: its taps are gone
            $"ip link add {Bridge} type bridge && ip link set softiov-m0 master {Bridge} && ip link set softiov-m1 master {Bridge} && " +
            $"ip addr add {HostAddress}/24 dev {Bridge} && ip link set {Bridge} up && ip link set softiov-m0 up && ip link set softiov-m1 up");
        try
        {
            await here.RunAsync(() => there.RunAsync(() => StreamAsync(here, there, isPacked, hasIommu)));
        }
        finally
        {
            await HostCommand.CheckAsync($"ip link del {Bridge}");
        }
    }

    private static string Configuration(string tap) =>
        $"adapters: [{{name: net0, numVfs: 1, uplink: {{tap: {{name: {tap}, create: true}}}}, " +
        "vfs: {0: {transport: vhost-user, mac: '52:54:00:78:00:01'}}}]";

    private static VirtualMachineOptions Machine(bool isPacked, bool hasIommu)
    {
        List<string> properties = isPacked ? ["packed=on"] : [];
        if (hasIommu)
            properties.AddRange(["iommu_platform=on", "ats=on"]);
        return new() { Iommu = hasIommu, QemuArguments = [.. properties.SelectMany(one => new[] { "-global", $"virtio-net-pci.{one}" })] };
    }

    private async Task StreamAsync(Rig here, Rig there, bool isPacked, bool hasIommu)
    {
        VirtualMachineOptions machine = Machine(isPacked, hasIommu);
        VirtualMachine first = await VhostRig.BootAsync(here, machine with { Name = "first" }, "net0/0");
        GuestNic nic = await here.FindNicAsync(first, "net0/0");
        await nic.UpAsync("10.78.0.1/24");
        Assert.Equal(0, await nic.PingAsync(HostAddress));
        string features = (await nic.CheckAsync("cat /sys/class/net/{0}/device/features")).Trim();
        Assert.Equal(isPacked, features[RingPacked] == '1');
        Assert.Equal(hasIommu, features[AccessPlatform] == '1');

        using var listener = new TcpListener(IPAddress.Parse(HostAddress), 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Task<List<string>> reading = ReadLinesAsync(listener);
        await nic.CheckAsync(
            $"(i=0; until [ -e /tmp/end ]; do echo line $i; i=$((i+1)); sleep 0.1; done | nc {HostAddress} {port}) >/dev/null 2>&1 &");

        VirtualMachine second = await MoveAsync(first, there, "second", machine, nic.Name);
        await first.QuitAsync();
        await here.Daemon.WaitForAsync("net0/0", f => f.Attachment is null, "the place it left is free");
        VirtualMachine third = await MoveAsync(second, here, "third", machine, nic.Name);
        await third.CheckAsync("touch /tmp/end");
        List<string> lines = await reading.WaitAsync(TimeSpan.FromMinutes(4));
        output.WriteLine($"{lines.Count} lines");
        Assert.Equal(Enumerable.Range(0, lines.Count).Select(i => $"line {i}"), lines);
        Assert.True((await there.Daemon.GetAsync("net0/0")).Counters.TxPackets > 0);
    }

    /// <summary>Moves a machine to another QEMU, with a VF of another daemon or of the same one, where it goes on.</summary>
    private async Task<VirtualMachine> MoveAsync(VirtualMachine from, Rig to, string name, VirtualMachineOptions machine, string interfaceName)
    {
        VirtualMachine moved = await VhostRig.BootAsync(to, machine with { Name = name, IsIncoming = true }, "net0/0");
        MigrationResult result = await from.MigrateToAsync(moved);
        output.WriteLine($"{result.TotalTime.TotalSeconds:F1} s, down for {result.Downtime.TotalMilliseconds:F0} ms, {result.Transferred >> 20} MiB");
        await to.Daemon.WaitForAsync("net0/0", f => f.Driver == "driver-ok", "the guest is there");
        Assert.Equal(0, await new GuestNic(moved, interfaceName).PingAsync(HostAddress));
        return moved;
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
