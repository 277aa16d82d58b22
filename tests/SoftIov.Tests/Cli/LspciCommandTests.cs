using System.Buffers.Binary;
using System.Text;
using SoftIov.Api;
using SoftIov.Cli;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Tests.Daemon;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>lspci</c> with the real one and without it.</summary>
public class LspciCommandTests
{
    [Fact]
    public async Task The_real_lspci_decodes_what_the_daemon_answers()
    {
        await using ControlFixture fixture = WithDump();

        CommandRun run = await CommandRun.OfAsync(fixture, "lspci", "-nn", "-v", "net0/pf");

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("01:00.0 Ethernet controller [0200]: ", run.Out);
        Assert.Contains("[1af4:1041] (rev 01)", run.Out);
        Assert.Contains("Capabilities: [40] MSI-X: Enable- Count=4", run.Out);
    }

    [Fact]
    public async Task Flags_taken_together_mean_what_they_mean_to_lspci()
    {
        await using ControlFixture fixture = WithDump();

        CommandRun together = await CommandRun.OfAsync(fixture, "lspci", "-nnvv", "net0/pf");
        CommandRun apart = await CommandRun.OfAsync(fixture, "lspci", "-nn", "-vv", "net0/pf");

        Assert.Equal((ExitCode.Ok, ""), (together.ExitCode, together.Error));
        Assert.Equal(apart.Out, together.Out);
    }

    [Fact]
    public async Task All_bytes_are_shown()
    {
        await using ControlFixture fixture = WithDump();

        CommandRun run = await CommandRun.OfAsync(fixture, "lspci", "-xxxx", "net0/pf");

        Assert.Contains("\nff0: 00", run.Out);
    }

    [Fact]
    public async Task The_view_is_passed_on()
    {
        await using ControlFixture fixture = FixtureSteps.WithVfs();

        CommandRun run = await CommandRun.OfAsync(["lspci", "net0/1", "--view", "sideways", "--socket", fixture.SocketPath]);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("sideways", run.Error);
    }

    [Fact]
    public async Task Several_adapters_are_told_apart()
    {
        await using ControlFixture fixture = WithDump();
        fixture.Operations.Apply(new ApplyRequest(new DesiredState([new NetAdapterSpec("net0"), new NetAdapterSpec("net1")])));

        CommandRun run = await CommandRun.OfAsync(fixture, "lspci");

        Assert.StartsWith("net0:\n01:00.0 ", run.Out);
        Assert.Contains("\nnet1:\n01:00.0 ", run.Out);
    }

    [Fact]
    public async Task Without_pciutils_there_is_a_basic_decode_and_a_hint()
    {
        await using ControlFixture fixture = WithDump();

        CommandRun run = await CommandRun.OfAsync(
            ["lspci", "-v", "-x", "net0/pf", "--socket", fixture.SocketPath], t => t with { SearchPath = null });

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("install pciutils", run.Error);
        Assert.Equal("""
            01:00.0 0200: 1af4:1041 (rev 01) net0/pf
            	Subsystem: 1af4:1100
            	Capabilities: [40] MSI-X
            	Capabilities: [50] id 7f
            	Capabilities: [100] Single Root I/O Virtualization (SR-IOV)
            00: f4 1a 41 10 00 00 10 00 01 00 00 02 00 00 00 00
            10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            20: 00 00 00 00 00 00 00 00 00 00 00 00 f4 1a 00 11
            30: 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00


            """, run.Out);
    }

    private static ControlFixture WithDump()
    {
        ControlFixture fixture = FixtureSteps.WithVfs();
        byte[] config = new byte[4096];
        (int Offset, ushort Value)[] words =
        [
            (0x00, 0x1af4), (0x02, 0x1041), (0x06, 0x0010), (0x08, 0x0001), (0x0a, 0x0200), (0x2c, 0x1af4), (0x2e, 0x1100), (0x34, 0x0040),
            (0x40, 0x5011), (0x42, 0x0003), (0x50, 0x007f), (0x100, 0x0010), (0x102, 0x0001),
        ];
        foreach ((int offset, ushort value) in words)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(offset), value);
        }

        var text = new StringBuilder();
        LspciDump.Append(text, new RequesterId(0x0100), "net0/pf", config);
        fixture.Adapters.Dump = text.ToString();
        return fixture;
    }
}
