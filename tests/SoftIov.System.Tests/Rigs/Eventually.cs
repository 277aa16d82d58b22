namespace SoftIov.SystemTests.Rigs;

/// <summary>Waiting for a state that comes without an event of its own.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until the answer is as wanted; fails with the last answer.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> wanted, string what)
    {
        long end = Environment.TickCount64 + (long)Timeout.TotalMilliseconds;
        while (true)
        {
            T answer = await ask();
            if (wanted(answer))
                return answer;
            Assert.True(Environment.TickCount64 < end, $"{what} did not come about; last seen: {answer}");
            await Task.Delay(Interval);
        }
    }
}
