using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// What is injected into one function. It belongs to the function's place in the adapter, not to the function: no reset ends it, since a
/// broken device is not mended by one, and a VF keeps it over VF Enable. It is looked at where a configuration request, an interrupt message
/// or a DMA translation is decided anyway, behind a null check. Any thread.
/// </summary>
internal sealed class InjectedFaults(TimeProvider time)
{
    private long _retryUntil;
    private long _lateness;
    private long _startedAt;
    private bool _wasStarted;

    /// <summary>Configuration requests from the bus that get request retry status.</summary>
    public Countdown Retries { get; } = new();

    /// <summary>Configuration requests that nobody answers: reads of all ones, writes that are lost.</summary>
    public Countdown AllOnes { get; } = new();

    /// <summary>MSI-X messages that are lost.</summary>
    public Countdown LostMessages { get; } = new();

    /// <summary>MSI-X messages that are sent twice.</summary>
    public Countdown RepeatedMessages { get; } = new();

    /// <summary>What happens to DMA.</summary>
    public InjectedDmaFaults Dma { get; } = new();

    /// <summary>How long the function lets software wait after VF Enable and after each of its resets; zero when it does not.</summary>
    public TimeSpan Lateness
    {
        get => new(Volatile.Read(ref _lateness));
        set => Volatile.Write(ref _lateness, value.Ticks);
    }

    /// <summary>Time left in which all configuration requests from the bus get request retry status.</summary>
    public TimeSpan RetryTime
    {
        get
        {
            long left = Volatile.Read(ref _retryUntil) - time.GetTimestamp();
            return left > 0 ? time.GetElapsedTime(0, left) : TimeSpan.Zero;
        }
        set => Volatile.Write(ref _retryUntil, time.GetTimestamp() + (long)(value.TotalSeconds * time.TimestampFrequency));
    }

    /// <summary>True from a start until the function is ready.</summary>
    public bool IsStarting => Volatile.Read(ref _wasStarted) && time.GetElapsedTime(Volatile.Read(ref _startedAt)) < Lateness;

    /// <summary>The function was reset, or its VF enabled.</summary>
    public void Restarted()
    {
        Volatile.Write(ref _startedAt, time.GetTimestamp());
        Volatile.Write(ref _wasStarted, true);
    }

    /// <summary>What a configuration request from the bus gets; success when it goes on to the function.</summary>
    public Completion AnswerConfig()
    {
        if (IsStarting || RetryTime > TimeSpan.Zero || Retries.TryTake())
            return Completion.RequestRetry;
        return AllOnes.TryTake() ? Completion.UnsupportedRequest : Completion.Success;
    }

    /// <summary>How often the next interrupt message goes out: 0, 1 or 2 times.</summary>
    public int TakeMessage()
    {
        if (LostMessages.TryTake())
            return 0;
        return RepeatedMessages.TryTake() ? 2 : 1;
    }
}
