using System.Text;
using System.Text.Json;
using SoftIov.Api;
using SoftIov.Daemon.Hosting;
using Xunit;

namespace SoftIov.Tests.Daemon;

/// <summary>What the methods do, through client and socket, over model adapters.</summary>
public class OperationsTests
{
    private const string Yaml = "adapters: [{name: net0, numVfs: 2, vfs: {1: {vlan: 100, interrupts: intx}}}]";

    [Fact]
    public async Task Apply_makes_what_is_wanted_and_saves_it()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();

        ApplyResult result = await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));

        Assert.Equal(["add the adapter: 64 VFs at most, uplink none, mtu 1500", "enable 2 VFs"], result.Steps.Select(s => s.Action));
        Assert.All(result.Steps, s => Assert.Equal(StepOutcome.Done, s.Outcome));
        Assert.Equal(3, (await client.GetAsync()).Adapters[0].Functions.Count);
        Assert.Equal(100, new DesiredStateFile(fixture.Settings.StateDirectory).Load().Net().Vf(1).Vlan);
        Assert.Equal(100, (await client.GetDesiredAsync()).Net().Vf(1).Vlan);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();

        ApplyResult result = await client.ApplyAsync(new ApplyRequest(Yaml: Yaml, DryRun: true));

        Assert.All(result.Steps, s => Assert.Equal(StepOutcome.Planned, s.Outcome));
        Assert.Empty((await client.GetAsync()).Adapters);
        Assert.Empty(new DesiredStateFile(fixture.Settings.StateDirectory).Load().Adapters);
    }

    [Fact]
    public async Task Errors_of_a_file_reach_the_client_with_their_places()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();

        var request = new ApplyRequest(Yaml: "adaptors: 1", File: "x.yaml");
        var error = await Assert.ThrowsAsync<ControlException>(() => client.ApplyAsync(request));

        Assert.Equal(ControlErrorCode.InvalidConfiguration, error.Code);
        Assert.Equal("x.yaml:1:1: unknown key 'adaptors' (did you mean adapters?)", error.Details.Errors.Single().ToString());
    }

    [Theory]
    [InlineData("net0", "vlan", "3")]
    [InlineData("net0", "numVfs", "65")]
    [InlineData("net0/1", "vlan", "many")]
    [InlineData("net0/1", "min_tx_rate", "-1")]
    [InlineData("net9", "numVfs", "1")]
    [InlineData("net0", "uplink", "tap:missing")]
    public async Task A_set_that_fails_leaves_everything_as_it_was(string target, string key, string value)
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        string before = await SnapshotAsync(client);

        await Assert.ThrowsAsync<ControlException>(
            () => client.SetAsync(new SetRequest(target, new Dictionary<string, string> { [key] = value })));

        Assert.Equal(before, await SnapshotAsync(client));
        Assert.Equal(
            JsonSerializer.Serialize(await client.GetDesiredAsync(), ControlJson.Default.DesiredState),
            JsonSerializer.Serialize(new DesiredStateFile(fixture.Settings.StateDirectory).Load(), ControlJson.Default.DesiredState));
    }

    [Fact]
    public async Task A_step_that_fails_is_taken_back_and_the_client_hears_what_was_done()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        const string two = "adapters: [{name: net0}, {name: net1, uplink: tap:missing}]";

        var error = await Assert.ThrowsAsync<ControlException>(() => client.ApplyAsync(new ApplyRequest(Yaml: two)));

        Assert.Equal(ControlErrorCode.StepFailed, error.Code);
        Assert.Contains("no such interface; everything is as it was", error.Message);
        Assert.Equal([StepOutcome.Done, StepOutcome.Failed, StepOutcome.Done], error.Details.Steps.Select(s => s.Outcome));
        Assert.Empty((await client.GetAsync()).Adapters);
    }

    [Fact]
    public async Task A_change_is_taken_back_even_when_the_disk_has_no_room_for_the_former_state()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        // What is wanted is saved; then the file that the next save writes to cannot be made.
        fixture.Adapters.BeforeUplink = () =>
            Directory.CreateDirectory(Path.Combine(fixture.Settings.StateDirectory, "desired.json.new"));

        var error = await Assert.ThrowsAsync<ControlException>(
            () => client.SetAsync(new SetRequest("net0", new Dictionary<string, string> { ["numVfs"] = "4", ["uplink"] = "tap:missing" })));

        Assert.Contains("could not be saved", error.Message);
        Assert.Equal(2, (await client.GetAsync("net0")).Adapters[0].NumVfs);
        Assert.Equal(2, (await client.GetDesiredAsync()).Adapters[0].NumVfs);
    }

    [Fact]
    public async Task A_daemon_starts_on_a_disk_that_takes_nothing_more()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        Directory.CreateDirectory(Path.Combine(fixture.Settings.StateDirectory, "desired.json.new"));

        var adapters = new AdaptersModel();
        var file = new DesiredStateFile(fixture.Settings.StateDirectory);
        new Operations(adapters, file, new Leases(fixture.Settings.StateDirectory)).Restore(file.Load());

        Assert.Equal(2, adapters.Current.Single().Spec.NumVfs);
        Assert.ThrowsAny<Exception>(() => file.Save(DesiredState.Empty));
    }

    [Fact]
    public async Task A_guest_keeps_its_VF_unless_force_is_used()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        fixture.Adapters.Attached["net0/1"] = Somebody;
        var fewer = new SetRequest("net0", new Dictionary<string, string> { ["numVfs"] = "1" });

        var error = await Assert.ThrowsAsync<ControlException>(() => client.SetAsync(fewer));
        Assert.Equal(ControlErrorCode.NeedsForce, error.Code);
        Assert.Contains("net0/1", error.Message);
        Assert.Equal(2, (await client.GetAsync("net0")).Adapters[0].NumVfs);

        await client.SetAsync(fewer with { Force = true });
        Assert.Equal(1, (await client.GetAsync("net0")).Adapters[0].NumVfs);
    }

    [Fact]
    public async Task At_start_an_adapter_that_fails_does_not_keep_others_away()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();

        fixture.Operations.Restore(new DesiredState(
            [new NetAdapterSpec("bad", Uplink: new(UplinkKind.Tap, "missing")), new NetAdapterSpec("good", NumVfs: 1)]));

        GetResult status = await client.GetAsync();
        Assert.Equal(["bad", "good"], status.Adapters.Select(a => a.Name));
        Assert.Contains("no such interface", status.Adapters[0].Problem);
        Assert.Null(status.Adapters[1].Problem);
        Assert.Equal(1, status.Adapters[1].NumVfs);
    }

    [Fact]
    public async Task Attach_says_what_QEMU_needs()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));

        AttachResult result = await client.AttachAsync(new AttachRequest("net0/1", Owner: "0"));

        Assert.Equal("/run/softiov/net0/vf1.sock", result.Socket);
        Assert.Contains("memory-backend-memfd,id=mem,size=1024M,share=on", result.QemuArguments);
        Assert.Equal(
            """{"driver":"vfio-user-pci","id":"softiov-net0-1","socket":{"type":"unix","path":"/run/softiov/net0/vf1.sock"},""" +
            "\"bus\":\"softiov-net0-1-port\"}",
            result.QemuArguments[^1]);
        Assert.Equal(0u, fixture.Adapters.Leases["net0/1"]);
    }

    [Theory]
    [InlineData("net0/2", ControlErrorCode.NotFound)]
    [InlineData("net0", ControlErrorCode.InvalidParameters)]
    [InlineData("net0/0", ControlErrorCode.InUse)]
    public async Task Attach_refuses_what_is_not_there_or_taken(string target, ControlErrorCode code)
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        fixture.Adapters.Attached["net0/0"] = Somebody;

        var error = await Assert.ThrowsAsync<ControlException>(() => client.AttachAsync(new AttachRequest(target)));

        Assert.Equal(code, error.Code);
    }

    [Fact]
    public async Task Detach_refuses_MSI_X_with_the_reason_unless_force_is_used()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        fixture.Adapters.Attached["net0/0"] = Somebody;

        var error = await Assert.ThrowsAsync<ControlException>(() => client.DetachAsync(new DetachRequest("net0/0", Qmp: "/none")));
        Assert.Equal(ControlErrorCode.NeedsForce, error.Code);
        Assert.Contains("QEMU up to 11.1.3 at least aborts", error.Message);
        Assert.Contains("intx", error.Details.Errors[0].Fix);

        Assert.True((await client.DetachAsync(new DetachRequest("net0/0", Force: true))).WasAttached);
        Assert.Empty(fixture.Adapters.Attached);
    }

    [Fact]
    public async Task Detach_of_a_function_nobody_has_ends_the_lease()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.ApplyAsync(new ApplyRequest(Yaml: Yaml));
        await client.AttachAsync(new AttachRequest("net0/0", Owner: "1234"));

        DetachResult result = await client.DetachAsync(new DetachRequest("net0/0"));

        Assert.False(result.WasAttached);
        Assert.Null(fixture.Adapters.Leases["net0/0"]);
    }

    [Fact]
    public async Task Events_reach_their_subscribers_in_order()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using IAsyncEnumerator<DaemonEvent> events = client.EventsAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        ValueTask<bool> first = events.MoveNextAsync();
        await client.GetVersionAsync(limit.Token); // answered in order: the subscription is in force

        fixture.Events.Publish(EventKind.Attached, "net0/0", "one");
        fixture.Events.Publish(EventKind.Detached, "net0/0", "two");

        Assert.True(await first);
        Assert.Equal((1, "one"), (events.Current.Sequence, events.Current.Message));
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((2, "two"), (events.Current.Sequence, events.Current.Message));
    }

    [Fact]
    public async Task A_capture_comes_in_pieces_and_ends_with_what_was_left()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var text = new StringBuilder();

        Task reading = Task.Run(async () =>
        {
            await foreach (CaptureChunk chunk in client.CaptureAsync(new CaptureRequest("net0/0"), stop.Token))
            {
                text.Append(Encoding.UTF8.GetString(chunk.Data));
                await stop.CancelAsync();
            }
        });
        while (fixture.Adapters.Capturing is null)
        {
            await Task.Delay(5);
        }

        await fixture.Adapters.Capturing("begin "u8.ToArray(), 0);
        await reading.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal("begin end", text.ToString());
        Assert.Null(fixture.Adapters.Capturing);
    }

    [Fact]
    public async Task Shutdown_is_answered_before_it_happens()
    {
        await using var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();

        await client.ShutdownAsync();

        await fixture.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static AttachmentStatus Somebody => new("vfio-user", 1, 0, DateTimeOffset.UnixEpoch, 0, "qemu");

    private static async Task<string> SnapshotAsync(ControlClient client) =>
        JsonSerializer.Serialize(await client.GetAsync(), ControlJson.Default.GetResult) +
        JsonSerializer.Serialize(await client.GetDesiredAsync(), ControlJson.Default.DesiredState);
}
