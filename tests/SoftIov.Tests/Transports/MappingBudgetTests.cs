using SoftIov.Transports;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>What greedy clients leave to the others.</summary>
public sealed class MappingBudgetTests
{
    private const long Gibi = 1L << 30;

    [Fact]
    public void Dozens_of_greedy_clients_leave_room_for_the_memory_of_another_guest()
    {
        var budget = new MappingBudget(1 << 30, 48 * 1024 * Gibi);
        for (int client = 0; client < 48; client++)
        {
            long taken = 0;
            while (taken < 4096 * Gibi && budget.TryTake(Gibi, 0, taken))
                taken += Gibi;
            Assert.True(client > 0 || taken == 4096 * Gibi);
        }

        Assert.True(budget.TryTake(8 * Gibi, 0, 0));
    }

    [Fact]
    public void A_client_has_an_eighth_of_what_it_leaves_and_gets_more_when_others_give_back()
    {
        var budget = new MappingBudget(1000, 900);
        Assert.False(budget.TryTake(long.MaxValue, 0, 0));
        Assert.False(budget.TryTake(101, 0, 0));
        Assert.True(budget.TryTake(100, 0, 0));
        Assert.False(budget.TryTake(1, 1, 100));
        Assert.False(budget.TryTake(89, 0, 0));
        Assert.True(budget.TryTake(88, 0, 0));
        budget.Return(88);
        Assert.True(budget.TryTake(88, 0, 0));
    }

    [Fact]
    public void Files_are_shared_as_bytes_are()
    {
        var budget = new MappingBudget(18, 1000);
        Assert.True(budget.TryTake(1, 0, 0));
        Assert.True(budget.TryTake(1, 1, 1));
        Assert.False(budget.TryTake(1, 2, 2));
        Assert.True(budget.TryTake(1, 0, 0));
    }
}
