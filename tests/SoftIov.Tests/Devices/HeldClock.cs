namespace SoftIov.Tests.Devices;

/// <summary>A clock that can be held: whoever asks for the time on another thread than the holder's waits until it is released.</summary>
internal sealed class HeldClock : TimeProvider
{
    private readonly ManualResetEventSlim _isFree = new(initialState: true);
    private readonly SemaphoreSlim _waiting = new(0);
    private int _holder;

    public override long GetTimestamp()
    {
        if (!_isFree.IsSet && Environment.CurrentManagedThreadId != _holder)
        {
            _waiting.Release();
            _isFree.Wait();
        }

        return System.GetTimestamp();
    }

    public void Hold()
    {
        _holder = Environment.CurrentManagedThreadId;
        _isFree.Reset();
    }

    public void WaitForWaiter() => _waiting.Wait(TimeSpan.FromSeconds(30));

    public void Release() => _isFree.Set();
}
