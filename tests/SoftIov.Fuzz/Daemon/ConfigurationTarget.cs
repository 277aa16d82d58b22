using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Fuzz.Daemon;

/// <summary>The reader of configuration files: whatever the text, it is read or refused with the places of its errors.</summary>
internal sealed class ConfigurationTarget : IFuzzTarget
{
    private const string Good =
        "adapters:\n  - name: net0\n    totalVfs: 8\n    numVfs: 4\n    lineRate: 1000\n    uplink: {tap: {name: t0, create: true}}\n    vfs:\n"
        + "      0: {vlan: 100, qos: 3, proto: 802.1ad, max_tx_rate: 10, min_tx_rate: 5}\n      1: {mac: \"52:54:00:12:34:56\", trust: on}\n"
        + "      2: {trunk: [10, 20-29], interrupts: intx, owner: root, state: auto}\n  - name: lab\n    mtu: 9000\n    mac: none\n";

    private static readonly string[] Words =
        [.. NetAdapterSettings.All.Select(s => s.Key), .. NetVfSettings.All.Select(s => s.Key), "name", "vfs", "adapters", "on", "off", "0-4094"];

    private int _read;
    private int _refused;

    public string Name => "configuration";

    public string Summary => $"{_read} read, {_refused} refused";

    public string Generate(int seed) => new TextMutator(seed, Words).Mutate(Good, 6);

    public string? Run(string input)
    {
        try
        {
            ConfigurationReader.Read(input, "fuzz.yaml");
            _read++;
            return null;
        }
        catch (ControlException refused)
        {
            _refused++;
            return refused.Details.Errors is { Count: > 0 } ? null : $"refused without saying where: {refused.Message}";
        }
        catch (Exception broken)
        {
            return broken.ToString();
        }
    }

    public void Dispose()
    {
    }
}
