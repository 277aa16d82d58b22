using SoftIov.Lab.VfioUser;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>The vfio-user server: a function that gets the streams, and a neighbour on the same loop that must notice nothing.</summary>
internal sealed class VfioUserTarget : IFuzzTarget
{
    private readonly string _folder = Directory.CreateTempSubdirectory("si-fuzz-").FullName;
    private readonly FuzzedFunction _function = new("fuzz/0");
    private readonly FuzzedFunction _other = new("fuzz/1");
    
    // Longer than a stream takes: a client that leaves DMA messages unanswered for a while breaks nothing.
    private readonly VfioUserServer _server = new(TimeProvider.System, new VfioUserSettings { MessageTimeout = TimeSpan.FromMinutes(1) });

    private readonly VfioUserSocket _socket;
    private readonly VfioUserClient _neighbour;
    private string? _fault;

    public VfioUserTarget()
    {
        _server.SocketFaulted += (_, broken) => Volatile.Write(ref _fault, broken.ToString());
        _socket = _server.Serve(_function.Endpoint, new VfioUserSocketOptions { Path = Path.Combine(_folder, "0") });
        VfioUserSocket other = _server.Serve(_other.Endpoint, new VfioUserSocketOptions { Path = Path.Combine(_folder, "1") });
        _neighbour = VfioUserClient.Connect(other.Path);
    }

    public string Name => "vfio-user";

    public string Summary => Counters.ToString();

    public VfioUserCounters Counters => _socket.Counters;

    public string Generate(int seed) => string.Join('\n', new StreamGenerator(seed).Generate()) + '\n';

    public string? Run(string input)
    {
        _function.Endpoint.Reset();
        string? failure;
        using (StreamRunner runner = new(_socket, _function))
            failure = runner.Run(Step.Parse(input));
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

    private string? AskNeighbour()
    {
        try
        {
            return _neighbour.GetInfo().Regions == 9 ? null : "the neighbour got a wrong answer";
        }
        catch (VfioUserException error)
        {
            return $"the neighbour was hurt: {error.Message}";
        }
    }
}
