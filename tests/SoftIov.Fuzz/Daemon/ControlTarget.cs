using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SoftIov.Api;
using SoftIov.Daemon.Composition;
using SoftIov.Daemon.Hosting;

namespace SoftIov.Fuzz.Daemon;

/// <summary>The control socket of a whole daemon: each line is answered, by an error that somebody thought of, and the daemon goes on.</summary>
internal sealed class ControlTarget : IFuzzTarget
{
    private const string End = """{"jsonrpc":"2.0","id":"end","method":"version"}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string[] Good =
    [
        """{"jsonrpc":"2.0","id":1,"method":"version","params":{}}""",
        """{"jsonrpc":"2.0","id":2,"method":"apply","params":{"yaml":"adapters: [{name: net0, totalVfs: 4, numVfs: 2}]","file":"a"}}""",
        """{"jsonrpc":"2.0","id":3,"method":"set","params":{"target":"net0/1","values":{"vlan":"7"},"dryRun":false}}""",
        """{"jsonrpc":"2.0","id":4,"method":"get","params":{"target":"net0"}}""",
        """{"jsonrpc":"2.0","id":5,"method":"describe","params":{"target":"net0/pf"}}""",
        """{"jsonrpc":"2.0","id":6,"method":"lspci","params":{"target":"net0/0","view":"assigned"}}""",
        """{"jsonrpc":"2.0","id":7,"method":"attach","params":{"target":"net0/0"}}""",
        """{"jsonrpc":"2.0","id":8,"method":"detach","params":{"target":"net0/0"}}""",
        """{"jsonrpc":"2.0","id":9,"method":"capture.start","params":{"target":"net0/0","snapLengthBytes":64}}""",
        """{"jsonrpc":"2.0","id":10,"method":"capture.stop","params":{"capture":1}}""",
        """{"jsonrpc":"2.0","id":11,"method":"events.last","params":{"target":"net0","atMost":3}}""",
        """{"jsonrpc":"2.0","id":12,"method":"events.subscribe"}""",
        """{"jsonrpc":"2.0","id":13,"method":"stats"}""",
        """{"jsonrpc":"2.0","id":14,"method":"settings"}""",
        """{"jsonrpc":"2.0","id":15,"method":"apply","params":{"state":{"adapters":[{"name":"net1","totalVfs":2,"vfs":{"0":{"qos":1}}}]}}}""",
    ];

    private static readonly string[] Words =
        ["net0", "net1", "numVfs", "values", "target", "params", "method", "id", "state", "yaml", "jsonrpc", "2.0", "1500", "{}", "[]"];

    private readonly string _folder = Directory.CreateTempSubdirectory("si-fuzz-").FullName;
    private readonly DaemonSettings _settings;
    private readonly DaemonHost _host;
    private int _answers;
    private int _errors;

    public ControlTarget()
    {
        _settings = new DaemonSettings
        {
            SocketPath = Path.Combine(_folder, "c"),
            StateDirectory = Path.Combine(_folder, "state"),
            RuntimeDirectory = Path.Combine(_folder, "run"),
        };
        _host = DaemonHost.Start(_settings, NullLoggerFactory.Instance);
    }

    public string Name => "control";

    public string Summary => $"{_answers} answers, {_errors} of them errors";

    public string Generate(int seed)
    {
        var mutator = new TextMutator(seed, Words);
        var text = new StringBuilder();
        for (int i = 0; i < 6; i++)
        {
            string line = mutator.Mutate(mutator.Pick(Good), mutator.Happens(50) ? 0 : 4);
            text.Append(line.Replace('\n', ' ')).Append('\n');
        }

        return text.ToString();
    }

    public string? Run(string input)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.ReceiveTimeout = (int)Patience.TotalMilliseconds;
        socket.Connect(new UnixDomainSocketEndPoint(_settings.SocketPath));
        using var stream = new NetworkStream(socket);
        stream.Write(Encoding.UTF8.GetBytes($"{input}\n{End}\n"));
        using var reader = new StreamReader(stream);
        try
        {
            while (reader.ReadLine() is { } line)
            {
                using JsonDocument answer = JsonDocument.Parse(line);
                if (Judge(answer.RootElement, out bool isEnd) is { } failure)
                    return $"{failure}: {line}";
                if (isEnd)
                    return null;
            }

            return "the daemon hung up";
        }
        catch (Exception broken) when (broken is IOException or JsonException)
        {
            return broken.ToString();
        }
    }

    public void Dispose()
    {
        _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    private string? Judge(JsonElement answer, out bool isEnd)
    {
        isEnd = answer.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.String && id.GetString() == "end";
        _answers++;
        if (!answer.TryGetProperty("error", out JsonElement error))
            return null;
        _errors++;
        return error.GetProperty("code").GetInt32() == (int)ControlErrorCode.InternalError ? "an error that nobody thought of" : null;
    }
}
