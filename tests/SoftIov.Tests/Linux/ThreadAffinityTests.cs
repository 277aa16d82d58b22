using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

public sealed class ThreadAffinityTests
{
    [Fact]
    public void A_thread_is_bound_to_the_processor_it_names_and_others_are_not()
    {
        IReadOnlyList<int> before = ThreadAffinity.Allowed;
        int last = before[^1];
        string status = "";
        bool isPinned = false;
        var thread = new Thread(() =>
        {
            isPinned = ThreadAffinity.TryPin(last);
            status = File.ReadAllText("/proc/thread-self/status");
        });
        thread.Start();
        thread.Join();

        Assert.True(isPinned);
        Assert.Contains($"Cpus_allowed_list:\t{last}\n", status);
        Assert.Equal(before, ThreadAffinity.Allowed);
    }

    [Fact]
    public void A_processor_that_is_not_there_is_refused() => Assert.False(ThreadAffinity.TryPin(ThreadAffinity.MaxProcessors - 1));
}
