using SoftIov.Api;
using SoftIov.Lab.Demo;
using SoftIov.Lab.Guests;
using Xunit;

namespace SoftIov.Tests.Lab.Demo;

/// <summary>Guests with built-in drivers at a real daemon, where something goes wrong.</summary>
public sealed class InProcessGuestTests : IAsyncLifetime, IDisposable
{
    private static readonly DemoPrograms Programs = new(AppContext.BaseDirectory);

    private readonly DemoFolder _folder = new();
    private DemoDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _daemon = await DemoDaemon.StartAsync(Programs, _folder, CancellationToken.None);
        await _daemon.Client.ApplyAsync(new ApplyRequest(new DesiredState([new NetAdapterSpec("net0", TotalVfs: 2, NumVfs: 2)])));
    }

    [Fact]
    public async Task A_stream_goes_on_after_a_break()
    {
        await using InProcessGuest first = await StartAsync("net0/0", "10.0.0.1");
        await using InProcessGuest second = await StartAsync("net0/1", "10.0.0.2");

        // Much longer than the break: what is sent again waits ever longer.
        Task<StreamResult> stream = first.StreamAsync("10.0.0.2", TimeSpan.FromSeconds(6), CancellationToken.None);
        await WaitForTrafficAsync("net0/1", beyond: 0);
        await SetAsync("net0/1", "vlan", "100");
        long before = await ReceivedAsync("net0/1");
        await SetAsync("net0/1", "vlan", "0");
        await WaitForTrafficAsync("net0/1", before + 1_000_000);

        Assert.True((await stream).Bytes > 0);
    }

    [Fact]
    public async Task A_guest_that_was_killed_says_so_and_its_vf_is_free_for_another()
    {
        await using InProcessGuest first = await StartAsync("net0/0", "10.0.0.1");
        await using InProcessGuest second = await StartAsync("net0/1", "10.0.0.2");
        string socket = (await _daemon.Client.GetAsync("net0/1")).Adapters[0].Functions[0].Socket!;
        second.Kill();

        DemoException error = await Assert.ThrowsAsync<DemoException>(() => second.LspciAsync(CancellationToken.None));
        Assert.Contains("ended before it answered", error.Message, StringComparison.Ordinal);

        await using InProcessGuest third =
            await InProcessGuest.StartAsync(Programs, new GuestPlan("third", socket, ["10.0.0.2"]), CancellationToken.None);
        PingResult pings = await first.PingAsync("10.0.0.2", 3, isPatient: true, CancellationToken.None);
        Assert.Equal(3, pings.Received);
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_an_error_with_its_name()
    {
        var plan = new GuestPlan("lost", "/nonexistent/vf0.sock", ["10.0.0.1"]);

        DemoException error =
            await Assert.ThrowsAsync<DemoException>(() => InProcessGuest.StartAsync(Programs, plan, CancellationToken.None));

        Assert.Contains("/nonexistent/vf0.sock", error.Message, StringComparison.Ordinal);
    }

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private async Task<InProcessGuest> StartAsync(string vf, string address)
    {
        AttachResult attach = await _daemon.Client.AttachAsync(new AttachRequest(vf));
        return await InProcessGuest.StartAsync(Programs, new GuestPlan(vf, attach.Socket, [address]), CancellationToken.None);
    }

    private Task<ApplyResult> SetAsync(string target, string key, string value) =>
        _daemon.Client.SetAsync(new SetRequest(target, new Dictionary<string, string> { [key] = value }));

    private async Task<long> ReceivedAsync(string target) =>
        ((NetCounters)(await _daemon.Client.GetStatsAsync()).Functions.First(function => function.Target == target).Counters).RxBytes;

    private async Task WaitForTrafficAsync(string target, long beyond)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await ReceivedAsync(target) <= beyond)
            await Task.Delay(10, limit.Token);
    }
}
