using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace SoftIov.Tests.Cli;

/// <summary>A QEMU as its monitor shows it: root ports, devices behind them, plugging and unplugging (QEMU's QMP reference).</summary>
internal sealed class QemuMonitorModel : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;

    public QemuMonitorModel()
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"softiov-qmp-{Guid.NewGuid():N}");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _serving = Task.Run(ServeAsync);
    }

    public string Path { get; }

    /// <summary>Root ports, and what is plugged in.</summary>
    public Dictionary<string, string?> Ports { get; } = new() { ["rp0"] = "disk", ["rp1"] = null };

    /// <summary>Bytes in both windows of a root port that firmware opened.</summary>
    public Dictionary<string, long> Windows { get; } = [];

    /// <summary>What was done to sockets and network back-ends.</summary>
    public List<(string Command, JsonObject Arguments)> BackEnds { get; } = [];

    /// <summary>Whether guest memory is shared.</summary>
    public bool SharesMemory { get; set; } = true;

    /// <summary>What becomes of an unplug: an event, or null for an abort.</summary>
    public string? UnplugEvent { get; set; } = "DEVICE_DELETED";

    /// <summary>The device was plugged.</summary>
    public Action<JsonObject> Plugged { get; set; } = _ => { };

    /// <summary>The device is gone.</summary>
    public Action Unplugged { get; set; } = () => { };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stopping.Dispose();
        File.Delete(Path);
    }

    private async Task ServeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using Socket client = await _listener.AcceptAsync(_stopping.Token);
                await using var stream = new NetworkStream(client);
                await ServeAsync(new StreamReader(stream), new StreamWriter(stream) { AutoFlush = true });
            }
            catch (Exception end) when (end is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
                // this client, or all of it, is done
            }
        }
    }

    private async Task ServeAsync(StreamReader reader, StreamWriter writer)
    {
        await writer.WriteLineAsync("""{"QMP": {"version": {"qemu": {"major": 11}}, "capabilities": ["oob"]}}""");
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            var request = (JsonObject)JsonNode.Parse(line)!;
            var arguments = request["arguments"] as JsonObject ?? [];
            foreach (string answer in Answers((string)request["execute"]!, arguments))
            {
                await writer.WriteLineAsync(answer);
            }

            if ((string)request["execute"]! == "device_del" && UnplugEvent is null)
            {
                return;
            }
        }
    }

    private IEnumerable<string> Answers(string command, JsonObject arguments) => command switch
    {
        "qmp_capabilities" => ["""{"return": {}}"""],
        "query-memdev" => [$$"""{"return": [{"id": "mem", "share": {{(SharesMemory ? "true" : "false")}} }]}"""],
        "query-pci" => [Buses().ToJsonString()],
        "qom-get" => ["""{"return": true}"""],
        "query-version" => ["""{"return": {"qemu": {"major": 11, "minor": 1, "micro": 0}, "package": ""} }"""],
        "chardev-add" or "netdev_add" or "netdev_del" or "chardev-remove" => Record(command, arguments),
        "device_add" => Plug(arguments),
        "device_del" => Unplug((string)arguments["id"]!),
        _ => ["""{"error": {"class": "CommandNotFound", "desc": "no such command"}}"""],
    };

    private IEnumerable<string> Record(string command, JsonObject arguments)
    {
        BackEnds.Add((command, arguments));
        return ["""{"return": {}}"""];
    }

    private JsonObject Buses() => new()
    {
        ["return"] = new JsonArray(new JsonObject
        {
            ["bus"] = 0,
            ["devices"] = new JsonArray([.. Ports.Select(p => new JsonObject
            {
                ["qdev_id"] = p.Key,
                ["class_info"] = new JsonObject { ["class"] = 0x0604 },
                ["pci_bridge"] = new JsonObject
                {
                    ["bus"] = new JsonObject { ["memory_range"] = Range(p.Key), ["prefetchable_range"] = Range(p.Key) },
                    ["devices"] = p.Value is null ? [] : new JsonArray(new JsonObject { ["qdev_id"] = p.Value }),
                },
            })]),
        }),
    };

    private JsonObject Range(string port) => new()
    {
        ["base"] = 0xC000_0000,
        ["limit"] = 0xC000_0000 + Windows.GetValueOrDefault(port) - 1,
    };

    private IEnumerable<string> Plug(JsonObject device)
    {
        Ports[(string)device["bus"]!] = (string)device["id"]!;
        Plugged(device);
        return ["""{"event": "NIC_RX_FILTER_CHANGED", "data": {}}""", """{"return": {}}"""];
    }

    private IEnumerable<string> Unplug(string id)
    {
        if (Ports.FirstOrDefault(p => p.Value == id).Key is not { } port)
        {
            return [$$"""{"error": {"class": "DeviceNotFound", "desc": "Device '{{id}}' not found"} }"""];
        }

        if (UnplugEvent is not { } outcome)
        {
            return [];
        }

        if (outcome == "DEVICE_DELETED")
        {
            Ports[port] = null;
            Unplugged();
        }

        return ["""{"return": {}}""", $$"""{"event": "{{outcome}}", "data": {"device": "{{id}}"} }"""];
    }
}
