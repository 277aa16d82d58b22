using SoftIov.Devices.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Waiting for the commands of before, while others come and go.</summary>
public sealed class CommandTurnTests
{
    private readonly SubsystemFixture _fixture = new();

    [Fact]
    public async Task Waits_in_a_row_each_wait_for_commands_of_before()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        Namespace space = _fixture.Subsystem.Allocated[id]!;
        Assert.True(space.TryEnter(out int before));
        for (int i = 0; i < 4; i++)
        {
            using var isTurned = new ManualResetEventSlim();
            _fixture.Pollers.Waiting = isTurned.Set;
            Task wait = Task.Run(() => space.WaitForEarlier(_fixture.Pollers));
            Assert.True(isTurned.Wait(TimeSpan.FromSeconds(30)));
            Assert.True(space.TryEnter(out int after));
            await Task.WhenAny(wait, Task.Delay(20));
            Assert.False(wait.IsCompleted);
            space.Leave(before);
            await wait.WaitAsync(TimeSpan.FromSeconds(30));
            before = after;
        }

        Assert.Equal(1, space.InFlight);
    }

    [Fact]
    public async Task Two_that_wait_at_once_wait_for_each_other()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        Namespace space = _fixture.Subsystem.Allocated[id]!;
        Assert.True(space.TryEnter(out int before));
        Task[] waits = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => space.WaitForEarlier(_fixture.Pollers)))];
        await Task.WhenAny([.. waits, Task.Delay(20)]);
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        space.Leave(before);
        await Task.WhenAll(waits).WaitAsync(TimeSpan.FromSeconds(30));
    }
}
