using System.Text.Json.Nodes;
using SoftIov.Api;
using Xunit;

namespace SoftIov.Tests.Api;

/// <summary>Room behind a root port: addresses as QEMU and SeaBIOS had them, BARs of adapters served whole.</summary>
public class PortWindowsTests
{
    private const long MiB = 1 << 20;

    /// <summary>SeaBIOS leaves 2 MiB of either kind; with 16M asked for, 16 MiB that begin at any MiB.</summary>
    [Theory]
    [InlineData(0xFD00_0000, 2, 0xFE80_0000, 2, 1, 2, true)]
    [InlineData(0xFD00_0000, 2, 0xFE80_0000, 2, 4, 2, false)]
    [InlineData(0xFBE0_0000, 16, 0xFD60_0000, 16, 4, 2, true)]
    [InlineData(0xFBE0_0000, 16, 0xFD60_0000, 16, 16, 4, false)]
    [InlineData(0xFBE0_0000, 16, 0xFE80_0000, 2, 4, 4, true)] // the prefetchable BAR lies in the other window
    public void Bars_fit_or_not_at_multiples_of_their_sizes(
        long memory, long memoryMiB, long prefetchable, long prefetchableMiB, long windowMiB, long configMiB, bool fit)
    {
        PortWindows windows = PortWindows.Of(Bridge(memory, memoryMiB * MiB, prefetchable, prefetchableMiB * MiB))!.Value;
        Assert.Equal(fit, windows.HaveRoomFor(Bars(windowMiB, configMiB)));
    }

    [Theory]
    [InlineData(1, 2, "mem-reserve=2M,pref64-reserve=4M")]
    [InlineData(4, 2, "mem-reserve=8M,pref64-reserve=4M")]
    [InlineData(32, 8, "mem-reserve=64M,pref64-reserve=16M")]
    public void With_the_options_for_it_there_is_room_wherever_firmware_puts_the_windows(long windowMiB, long configMiB, string options)
    {
        IReadOnlyList<PciBar> bars = Bars(windowMiB, configMiB);
        Assert.Equal(options, PortWindows.Options(bars));
        long[] sizes = [.. options.Split(',').Select(option => long.Parse(option.Split('=')[1].TrimEnd('M')) * MiB)];
        for (long start = 0; start < 64; start++)
            Assert.True(PortWindows.Of(Bridge(start * MiB, sizes[0], start * MiB, sizes[1]))!.Value.HaveRoomFor(bars), $"from {start} MiB");
    }

    [Fact]
    public void Before_firmware_opened_them_nothing_is_known_of_windows()
    {
        Assert.Null(PortWindows.Of([]));
        Assert.Null(PortWindows.Of(Bridge(0xFFF0_0000, -0xFFF0_0000, 0xFFF0_0000, -0xFFF0_0000)));
    }

    private static IReadOnlyList<PciBar> Bars(long windowMiB, long configMiB) =>
        [new(configMiB * MiB, IsPrefetchable: true), new(windowMiB * MiB, IsPrefetchable: false), new(64 << 10, IsPrefetchable: false)];

    private static JsonObject Bridge(long memory, long memoryBytes, long prefetchable, long prefetchableBytes) => new()
    {
        ["bus"] = new JsonObject
        {
            ["memory_range"] = new JsonObject { ["base"] = memory, ["limit"] = memory + memoryBytes - 1 },
            ["prefetchable_range"] = new JsonObject { ["base"] = prefetchable, ["limit"] = prefetchable + prefetchableBytes - 1 },
        },
    };
}
