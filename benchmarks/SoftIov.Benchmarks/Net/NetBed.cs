using SoftIov.Lab.Virtio;

namespace SoftIov.Benchmarks.Net;

/// <summary>Two VFs of an adapter and a driver for each.</summary>
internal sealed class NetBed : IDisposable
{
    private readonly AdapterBed _adapter;

    public NetBed(NetDriverOptions options, bool isInline)
    {
        _adapter = new AdapterBed(vfCount: 2, isInline);
        Sender = _adapter.Open(0, options);
        Receiver = _adapter.Open(1, options);
    }

    public VirtioNetDriver Sender { get; }

    public VirtioNetDriver Receiver { get; }

    /// <summary>One visit of every queue, when there is no poller thread; returns how many frames moved.</summary>
    public int PollAll() => _adapter.PollAll();

    public void Dispose() => _adapter.Dispose();
}
