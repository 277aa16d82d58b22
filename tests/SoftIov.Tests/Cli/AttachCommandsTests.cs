using System.Text.Json;
using SoftIov.Cli;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>attach</c> and <c>detach</c>, with a QEMU whose monitor is a model.</summary>
public class AttachCommandsTests
{
    [Fact]
    public async Task Attach_prints_arguments_that_a_shell_takes_as_they_are()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--memory", "512");

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        const string device = """
            {"driver":"vfio-user-pci","id":"softiov-net0-1","socket":{"type":"unix","path":"/run/softiov/net0/vf1.sock"},"bus":"softiov-net0-1-port"}
            """;
        Assert.Equal($"""
            -machine q35,memory-backend=mem \
            -m 512M \
            -object memory-backend-memfd,id=mem,size=512M,share=on \
            -device pcie-root-port,id=softiov-net0-1-port,chassis=3,slot=3 \
            -device '{device}'

            """, run.Out);
    }

    [Fact]
    public async Task A_shell_reads_the_printed_arguments_back_as_the_array()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun text = await CommandRun.OfAsync(fixture, "attach", "net0/1");
        CommandRun json = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--json");

        string shell = await Shell.RunAsync("/bin/sh", "-c", $"printf '%s\\n' {text.Out}");
        string[] array = JsonSerializer.Deserialize<string[]>(json.Out)!;
        Assert.Equal(array, shell.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Attach_gives_the_lease()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--owner", "1234");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(1234u, fixture.Adapters.Leases["net0/1"]);
    }

    [Fact]
    public async Task Attach_with_a_monitor_plugs_into_a_free_port_and_waits_for_the_driver()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using var qemu = new QemuMonitorModel { Plugged = _ => fixture.Attach("net0/1") };
        Task<CommandRun> running = CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "60");
        while (!fixture.Adapters.Attached.ContainsKey("net0/1"))
        {
            await Task.Delay(10);
        }

        Assert.False(running.IsCompleted);
        fixture.Adapters.AttachedDriver = "driver-ok";
        CommandRun run = await running;

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Equal("net0/1 is plugged in as softiov-net0-1 behind rp1, driver driver-ok\n", run.Out);
        Assert.Equal("softiov-net0-1", qemu.Ports["rp1"]);
    }

    [Fact]
    public async Task A_guest_without_driver_is_a_warning()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using var qemu = new QemuMonitorModel { Plugged = _ => fixture.Attach("net0/1") };

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "1");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.StartsWith("warning: QEMU has net0/1, but no driver of the guest took it within 1 s (now: none)", run.Error);
    }

    [Fact]
    public async Task Memory_that_is_not_shared_is_a_warning()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using var qemu = new QemuMonitorModel { SharesMemory = false };

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "0", "--json");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.StartsWith("warning: guest memory 'mem' is not shared", run.Error);
        Assert.Equal("rp1", JsonDocument.Parse(run.Out).RootElement.GetProperty("bus").GetString());
    }

    [Fact]
    public async Task A_QEMU_without_a_free_port_is_told_with_its_fix()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using var qemu = new QemuMonitorModel { Ports = { ["rp1"] = "other" } };

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path);

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("error: all 2 PCIe root ports of this QEMU are taken\n  fix: start it with one more: -device pcie-root-port", run.Error);
    }

    [Fact]
    public async Task A_port_without_room_is_passed_over()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using var qemu = new QemuMonitorModel { Ports = { ["rp2"] = null, ["rp3"] = null } };
        (qemu.Windows["rp1"], qemu.Windows["rp2"], qemu.Windows["rp3"]) = (2 << 20, 8 << 20, 8 << 20);
        fixture.Adapters.Bars = [new(4 << 20, IsPrefetchable: false)];

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "0");

        Assert.Equal("net0/1 is plugged in as softiov-net0-1 behind rp2, driver none\n", run.Out);
    }

    [Fact]
    public async Task A_QEMU_whose_free_ports_have_no_room_is_told_with_its_fix_and_nothing_is_plugged()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using var qemu = new QemuMonitorModel { Windows = { ["rp0"] = 8 << 20, ["rp1"] = 2 << 20 } };
        fixture.Adapters.Bars = [new(2 << 20, IsPrefetchable: true), new(4 << 20, IsPrefetchable: false), new(64 << 10, IsPrefetchable: false)];

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "0");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("has room for softiov-net0-1: it takes 4160K of memory and 2M of prefetchable memory, ", run.Error);
        Assert.Contains("behind the 1 free firmware left 2M and 2M\n", run.Error);
        Assert.Contains("pcie-root-port,id=rp1,chassis=1,slot=1,mem-reserve=8M,pref64-reserve=4M (", run.Error);
        Assert.Null(qemu.Ports["rp1"]);
    }

    [Fact]
    public async Task A_monitor_that_is_not_there_is_told_with_its_fix()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", "/nonexistent/qmp");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("error: no QEMU monitor answers at /nonexistent/qmp", run.Error);
        Assert.Contains("\n  fix: start QEMU with -qmp unix:PATH,server=on,wait=off", run.Error);
    }

    [Fact]
    public async Task A_function_in_use_is_refused()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Attach("net0/1");

        CommandRun run = await CommandRun.OfAsync(fixture, "attach", "net0/1");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("error: net0/1 belongs to process 4711 (qemu-system-x86)\n  fix: detach net0/1 first", run.Error);
    }

    [Fact]
    public async Task A_VF_with_MSI_X_is_not_unplugged_because_QEMU_would_abort()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        fixture.Attach("net0/1");

        CommandRun run = await CommandRun.OfAsync(fixture, "detach", "net0/1");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("aborts when such a vfio-user device is unplugged", run.Error);
        Assert.Contains("  fix: ", run.Error);
        Assert.Contains("interrupts: intx", run.Error);
        Assert.True(fixture.Adapters.Attached.ContainsKey("net0/1"));
    }

    [Fact]
    public async Task A_VF_with_INTx_is_unplugged_from_the_QEMU_that_attach_plugged_it_into()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await CommandRun.OfAsync(fixture, "set", "net0/1", "interrupts=intx");
        await using QemuMonitorModel qemu = Guest(fixture);
        await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "0");

        CommandRun run = await CommandRun.OfAsync(fixture, "detach", "net0/1");

        Assert.Equal((ExitCode.Ok, "net0/1 is detached\n", ""), (run.ExitCode, run.Out, run.Error));
        Assert.Null(qemu.Ports["rp1"]);
        Assert.Null(fixture.Adapters.Leases["net0/1"]);
    }

    [Fact]
    public async Task A_guest_that_keeps_its_device_is_an_error_and_the_lease_stays()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await CommandRun.OfAsync(fixture, "set", "net0/1", "interrupts=intx");
        await using QemuMonitorModel qemu = Guest(fixture);
        qemu.UnplugEvent = "DEVICE_UNPLUG_GUEST_ERROR";
        await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "0");

        CommandRun run = await CommandRun.OfAsync(fixture, "detach", "net0/1");

        Assert.Equal((ExitCode.Failed, ""), (run.ExitCode, run.Out));
        Assert.Contains("error: the guest refused to let softiov-net0-1 go", run.Error);
        Assert.True(fixture.Adapters.Attached.ContainsKey("net0/1"));
    }

    [Fact]
    public async Task Force_ends_the_lease_even_when_QEMU_dies_of_it()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();
        await using QemuMonitorModel qemu = Guest(fixture);
        qemu.UnplugEvent = null;
        await CommandRun.OfAsync(fixture, "attach", "net0/1", "--qmp", qemu.Path, "--wait", "0");

        CommandRun run = await CommandRun.OfAsync(fixture, "detach", "net0/1", "--force");

        Assert.Equal((ExitCode.Ok, "net0/1 is detached\n"), (run.ExitCode, run.Out));
        Assert.Equal("warning: QEMU closed its monitor before it answered (device_del)\n", run.Error);
        Assert.False(fixture.Adapters.Attached.ContainsKey("net0/1"));
    }

    [Fact]
    public async Task Detaching_what_nobody_has_ends_the_lease()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(fixture, "detach", "net0/1", "--json");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.False(JsonDocument.Parse(run.Out).RootElement.GetProperty("wasAttached").GetBoolean());
    }

    private static QemuMonitorModel Guest(ControlFixture fixture) => new()
    {
        Plugged = _ => fixture.Attach("net0/1"),
        Unplugged = () => fixture.Adapters.Attached.Remove("net0/1"),
    };
}
