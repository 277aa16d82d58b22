using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Transports.Uplinks;

namespace SoftIov.Tests.Transports;

/// <summary>An uplink that counts how often it is polled.</summary>
internal sealed class CountingUplink(IUplink inner) : IUplink
{
    private int _polls;
    private int _arms;

    public event Action<bool>? CarrierChanged
    {
        add => inner.CarrierChanged += value;
        remove => inner.CarrierChanged -= value;
    }

    public int Polls => Volatile.Read(ref _polls);

    public int Arms => Volatile.Read(ref _arms);

    public string Name => inner.Name;

    public FileDescriptor? Readable => inner.Readable;

    public bool HasCarrier => inner.HasCarrier;

    public UplinkCounters Counters => inner.Counters;

    public SwitchPort? Port
    {
        get => inner.Port;
        set => inner.Port = value;
    }

    public OffloadSet AcceptedOffloads => inner.AcceptedOffloads;

    public FrameSet Deliver(FrameBatch batch, FrameSet frames) => inner.Deliver(batch, frames);

    public int Poll(PollContext context)
    {
        Interlocked.Increment(ref _polls);
        return inner.Poll(context);
    }

    public bool Arm(PollContext context)
    {
        Interlocked.Increment(ref _arms);
        return inner.Arm(context);
    }

    public void Disarm() => inner.Disarm();

    public void Dispose() => inner.Dispose();
}
