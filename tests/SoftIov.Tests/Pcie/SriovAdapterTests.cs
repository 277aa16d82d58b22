using SoftIov.Memory;
using SoftIov.Pcie;
using Xunit;

namespace SoftIov.Tests.Pcie;

/// <summary>An adapter as the daemon has it.</summary>
public class SriovAdapterTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Vfs_come_with_names_ids_and_endpoints_and_go_with_notice()
    {
        VirtualClock clock = new() { Jumps = true };
        using SriovAdapter adapter = Make(8, clock);
        await adapter.StartAsync().WaitAsync(Patience);
        Assert.Equal(("net0", 8, 0), (adapter.Name, adapter.TotalVfs, adapter.NumVfs));
        Assert.Equal("net0/pf", adapter.Physical.Name);
        Assert.Equal("01:00.0", adapter.PhysicalId.ToString());
        Assert.Null(adapter.Vf(0));
        Assert.Null(adapter.VfId(0));
        await adapter.EnableAsync(3).WaitAsync(Patience);
        Assert.Equal(3, adapter.NumVfs);
        Assert.Equal("net0/2", adapter.Vf(2)!.Name);
        Assert.Equal("01:00.3", adapter.VfId(2).ToString());
        Assert.Same(adapter.Vf(2), adapter.Vf(2));
        Assert.Null(adapter.Vf(3));
        Assert.Null(adapter.Vf(-1));
        int gone = 0;
        adapter.Vf(1)!.Gone += () => gone++;
        await adapter.DisableAsync().WaitAsync(Patience);
        Assert.Equal((0, 1), (adapter.NumVfs, gone));
        Assert.Null(adapter.Vf(0));
        Assert.Equal("", adapter.Dump(0, ConfigView.Fabric));
        Assert.Equal(0, adapter.SoftwareErrors);
        Assert.Equal(0, adapter.HostFailures);
        Assert.Null(adapter.LastHostFailure);
    }

    [Fact]
    public async Task Dispose_takes_all_functions_and_may_come_twice_and_while_enabling()
    {
        VirtualClock clock = new();
        SriovAdapter adapter = Make(8, clock);
        await adapter.StartAsync().WaitAsync(Patience);
        Task enabling = adapter.EnableAsync(4);
        int gone = 0;
        adapter.Physical.Gone += () => gone++;
        adapter.Vf(0)!.Gone += () => gone++;
        adapter.Dispose();
        Assert.Equal(2, gone);
        adapter.Dispose();
        Assert.Equal(2, gone);
        Assert.False(adapter.Physical.IsPresent);
        Assert.Null(adapter.Vf(0));
        Assert.Equal("", adapter.Dump(null, ConfigView.Assigned));

        // The driver finds its device gone.
        while (!enabling.IsCompleted)
        {
            clock.Advance(PfDriver.EnableWait);
            await Task.Yield();
        }

        await Assert.ThrowsAsync<PfDriverException>(() => enabling.WaitAsync(Patience));
        await Assert.ThrowsAsync<PfDriverException>(() => adapter.StartAsync().WaitAsync(Patience));
    }

    [Fact]
    public async Task The_dump_is_text_of_4096_bytes()
    {
        using SriovAdapter adapter = Make(8, new VirtualClock { Jumps = true });
        await adapter.StartAsync().WaitAsync(Patience);
        string[] lines = adapter.Dump(null, ConfigView.Fabric).Split('\n');
        Assert.Equal("01:00.0 net0/pf", lines[0]);
        Assert.Equal(256, lines.Count(line => line.Contains(':', StringComparison.Ordinal)) - 1);
        Assert.StartsWith("00: 36 1b 10 00 02 00 10 00", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("ff0: ", lines[256], StringComparison.Ordinal);
        Assert.All(lines[1..257], line => Assert.Equal(16, line.Split(' ').Length - 1));
    }

    /// <summary>65279 is the most that fits behind bus 1; nothing is made for a VF that nobody touched.</summary>
    [Fact]
    public async Task The_most_vfs_there_can_be_are_enabled_without_making_them()
    {
        VirtualClock clock = new() { Jumps = true };
        RegisterFactory factory = new();
        using SriovAdapter adapter = Make(65535, clock, factory);
        await adapter.StartAsync().WaitAsync(Patience);
        await adapter.EnableAsync(65279).WaitAsync(Patience);
        Assert.Equal(2, adapter.Device.Engines[0].MaterializedCount);
        Assert.Equal(2, factory.Creations);
        Assert.Equal("ff:1f.7", adapter.VfId(65278).ToString());
        await adapter.DisableAsync().WaitAsync(Patience);
        Assert.Null(adapter.Vf(65278));
    }

    private static SriovAdapter Make(int totalVfs, TimeProvider clock, RegisterFactory? factory = null) => new(new SriovAdapterOptions
    {
        Name = "net0",
        Physical = new RegisterPersonality(RegisterPersonality.Describe(0x0010)),
        Virtuals = factory ?? new RegisterFactory(),
        TotalVfs = totalVfs,
        State = new NativeStateStore(),
        Quiescence = new NoPollers(),
        Time = clock,
    });
}
