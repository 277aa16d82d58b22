using SoftIov.Fuzz.VfioUser;
using SoftIov.Lab.VhostUser;
using SoftIov.Transports.VhostUser;

namespace SoftIov.Fuzz.VhostUser;

/// <summary>The vhost-user server: a function that gets the streams, and a neighbour on the same loop that must notice nothing.</summary>
internal sealed class VhostUserTarget : IFuzzTarget
{
    private readonly string _folder = Directory.CreateTempSubdirectory("si-fuzz-").FullName;
    private readonly FuzzedFunction _function = new("fuzz/0");
    private readonly FuzzedFunction _other = new("fuzz/1");
    private readonly VhostUserServer _server = new(TimeProvider.System);
    private readonly VhostUserSocket _socket;
    private readonly FrontEndChannel _neighbour;
    private string? _fault;

    public VhostUserTarget()
    {
        _server.SocketFaulted += (_, broken) => Volatile.Write(ref _fault, broken.ToString());
        _socket = Serve(_function, "0");
        _neighbour = FrontEndChannel.Connect(Serve(_other, "1").Path);
    }

    public string Name => "vhost-user";

    public string Summary => Counters.ToString();

    public VhostUserCounters Counters => _socket.Counters;

    public string Generate(int seed) => string.Join('\n', new FrontEndGenerator(seed).Generate()) + '\n';

    public string? Run(string input)
    {
        string? failure;
        using (FrontEndRunner runner = new(_socket))
            failure = runner.Run(FrontEndStep.Parse(input));
        return failure ?? Volatile.Read(ref _fault) ?? _function.Fault ?? AskNeighbour();
    }

    public void Dispose()
    {
        _neighbour.Dispose();
        _server.Dispose();
        _function.Dispose();
        _other.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private VhostUserSocket Serve(FuzzedFunction function, string name) =>
        _server.Serve(function.Endpoint, function.Personality.Rings, new VhostUserSocketOptions { Path = Path.Combine(_folder, name) });

    private string? AskNeighbour()
    {
        try
        {
            return BitConverter.ToUInt64(_neighbour.Ask(FrontEndRequest.GetQueueNum, [])) == 2 ? null : "the neighbour got a wrong answer";
        }
        catch (FrontEndException error)
        {
            return $"the neighbour was hurt: {error.Message}";
        }
    }
}
