using SoftIov.Lab.TestBed;
using Xunit.Abstractions;

namespace SoftIov.SystemTests.Bed;

/// <summary>The bed itself: machines boot, take commands, restart and end.</summary>
[Collection(BedCollection.Name)]
public sealed class VirtualMachineTests(BedFixture fixture, ITestOutputHelper output)
{
    [Theory]
    [InlineData(GuestKernel.Stable)]
    [InlineData(GuestKernel.Newer)]
    public async Task Each_kernel_boots_with_its_tools(GuestKernel kernel)
    {
        long start = Environment.TickCount64;
        await using VirtualMachine machine = await fixture.Bed.StartAsync(new VirtualMachineOptions { Kernel = kernel });
        output.WriteLine($"{kernel} up after {Environment.TickCount64 - start} ms, {fixture.Bed.Accelerator}");
        output.WriteLine(machine.ConsoleLog);
        Assert.Equal(fixture.Bed.KernelRelease(kernel), (await machine.CheckAsync("uname -r")).Trim());
        await machine.CheckAsync("set -e; ip -V; bridge -V; ethtool --version; iperf3 --version; tcpdump --version; setpci --version");
        string seen = await machine.CheckAsync("lspci; cat /proc/modules; free");
        output.WriteLine(seen);
        Assert.Contains("PCIe Root port", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("virtio_net ", seen, StringComparison.Ordinal);
        Assert.Contains("8021q ", seen, StringComparison.Ordinal);
        Assert.Contains("pktgen ", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot load", machine.ConsoleLog, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GuestKernel.Stable)]
    [InlineData(GuestKernel.Newer)]
    public async Task Many_commands_at_once_are_all_answered(GuestKernel kernel)
    {
        const int Commands = 40;
        const int Bytes = 6000;
        await using VirtualMachine machine = await fixture.Bed.StartAsync(
            new VirtualMachineOptions { Kernel = kernel, Cpus = 2, SparePorts = 0 });
        GuestResult[] results = await Task.WhenAll(Enumerable.Range(0, Commands)
            .Select(index => machine.RunAsync($"head -c {Bytes} /dev/zero | tr '\\0' x; exit {index}")));
        Assert.Equal(Enumerable.Range(0, Commands), results.Select(result => result.ExitCode));
        Assert.All(results, result => Assert.Equal(Bytes, result.Output.Length));
    }

    [Fact]
    public async Task Commands_run_beside_each_other_and_report_failure()
    {
        await using VirtualMachine machine = await fixture.Bed.StartAsync(new VirtualMachineOptions { Cpus = 2, SparePorts = 0 });
        Task<GuestResult> slow = machine.RunAsync("until [ -e /tmp/go ]; do sleep 0.1; done; echo slow");
        GuestResult failing = await machine.RunAsync("echo to-stderr >&2; exit 7");
        Assert.False(slow.IsCompleted);
        await machine.CheckAsync("touch /tmp/go");
        Assert.Equal(new GuestResult(7, "to-stderr\n"), failing);
        Assert.Equal("slow\n", (await slow).Output);
        Assert.Equal("2\n", await machine.CheckAsync("nproc"));
        string large = await machine.CheckAsync("head -c 300000 /dev/zero | tr '\\0' x");
        Assert.Equal(300_000, large.Length);
        await Assert.ThrowsAsync<BedException>(() => machine.RunAsync("sleep 100", TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_machine_reboots_resets_quits_and_can_be_killed()
    {
        await using VirtualMachine machine = await fixture.Bed.StartAsync(new VirtualMachineOptions { SparePorts = 0 });
        await machine.CheckAsync("touch /tmp/mark");
        Task<GuestResult> waiting = machine.RunAsync("sleep 100");
        await machine.RebootAsync();
        await Assert.ThrowsAsync<BedException>(() => waiting);
        Assert.False((await machine.RunAsync("test -e /tmp/mark")).Succeeded);
        await machine.CheckAsync("touch /tmp/mark");
        await machine.ResetAsync();
        Assert.False((await machine.RunAsync("test -e /tmp/mark")).Succeeded);
        Task<GuestResult> killed = machine.RunAsync("sleep 100");
        machine.Kill();
        Assert.True(machine.HasExited);
        await Assert.ThrowsAsync<BedException>(() => killed);
    }
}
