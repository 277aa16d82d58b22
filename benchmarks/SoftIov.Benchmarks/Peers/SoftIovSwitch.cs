using SoftIov.Benchmarks.Net;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Benchmarks.Peers;

/// <summary>Two VFs of an adapter of this process, served by vhost-user; one poller.</summary>
internal sealed class SoftIovSwitch : IPeerSwitch
{
    private readonly AdapterBed _bed = new(vfCount: 2, isInline: false);
    private readonly VhostUserServer _server = new(TimeProvider.System);

    public SoftIovSwitch(string folder)
    {
        Sockets = [Path.Combine(folder, "vf0.sock"), Path.Combine(folder, "vf1.sock")];
        for (int vf = 0; vf < Sockets.Count; vf++)
            _bed.Serve(vf, _server, new VhostUserSocketOptions { Path = Sockets[vf], AllowUnsealedMemory = true });
        Cores.JoinSwitch();
    }

    public string Name => "softiov";

    public IReadOnlyList<string> Sockets { get; }

    public Task<double> ReadBusyAsync(double tscMegahertz) => Task.FromResult(_bed.PollerBusy!.Value.TotalNanoseconds);

    public void Pause()
    {
        // Its poller sleeps while nobody is connected.
    }

    public void Resume()
    {
    }

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        _bed.Dispose();
        return ValueTask.CompletedTask;
    }
}
