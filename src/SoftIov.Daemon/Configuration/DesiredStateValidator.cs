using System.Text.RegularExpressions;
using SoftIov.Api;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Configuration;

/// <summary>Ranges, duplicates and contradictions of desired state, wherever it came from: a file, <c>set</c> or a program.</summary>
internal static partial class DesiredStateValidator
{
    /// <summary>Longest path of a UNIX socket: sun_path without its final zero (unix(7)).</summary>
    private const int SocketPathBytes = 107;

    private const int LongestSocketName = 12; // vf65534.sock
    private const int InterfaceNameBytes = 15; // IFNAMSIZ without its final zero
    private const int HighestRateMegabits = 1_000_000;

    /// <summary>Adds all that is wrong to <paramref name="errors"/>.</summary>
    public static void Check(DesiredState state, ConfigErrors errors)
    {
        var names = new HashSet<string>();
        var taps = new HashSet<string>();
        var addresses = new Dictionary<MacAddress, string>();
        for (int i = 0; i < state.Adapters.Count; i++)
        {
            AdapterSpec adapter = state.Adapters[i];
            string path = $"adapters[{i}]";
            if (adapter.Name.Length > 0 && !names.Add(adapter.Name))
            {
                errors.Add($"{path}.name", $"two adapters are named '{adapter.Name}'", "give each a name of its own");
            }

            CheckAdapter(adapter, path, errors);
            CheckUplink(adapter.Uplink, $"{path}.uplink", taps, errors);
            CheckAddress(adapter.Mac, $"{path}.mac", $"{adapter.Name}/pf", addresses, errors);
            foreach ((int vf, VfSpec spec) in adapter.Vfs)
            {
                CheckVf(adapter, vf, spec, $"{path}.vfs.{vf}", errors);
                CheckAddress(spec.Mac, $"{path}.vfs.{vf}.mac", $"{adapter.Name}/{vf}", addresses, errors);
            }
        }
    }

    private static void CheckAdapter(AdapterSpec adapter, string path, ConfigErrors errors)
    {
        if (adapter.Name.Length > 0 && !AdapterName().IsMatch(adapter.Name))
        {
            errors.Add($"{path}.name", $"'{adapter.Name}' is no name of an adapter", "a letter, then up to 31 letters, digits or hyphens");
        }

        Range(adapter.TotalVfs, 1, 65535, $"{path}.totalVfs", "totalVfs", errors);
        Range(adapter.Mtu, 1280, 65535, $"{path}.mtu", "mtu", errors);
        Range(adapter.LineRateMegabits, 0, HighestRateMegabits, $"{path}.lineRate", "lineRate", errors);
        CheckGuarantees(adapter, path, errors);
        Range(adapter.QueuePairs, 1, 16, $"{path}.queuePairs", "queuePairs", errors);
        if (adapter.NumVfs < 0 || adapter.NumVfs > adapter.TotalVfs)
        {
            errors.Add(
                $"{path}.numVfs", $"numVfs {adapter.NumVfs} is not in 0 to {adapter.TotalVfs}", "raise totalVfs, or enable fewer VFs");
        }

        if (adapter.Whole && adapter.NumVfs > 0)
        {
            errors.Add(
                $"{path}.numVfs",
                "an adapter that is for one VM whole has its VFs enabled by the kernel there",
                "leave numVfs at 0, or set whole to false");
        }

        if (adapter.SocketDirectory is not { } directory)
        {
            return;
        }

        if (!Path.IsPathFullyQualified(directory))
        {
            errors.Add($"{path}.socketDirectory", $"'{directory}' is no absolute path", "begin it with /");
        }
        else if (System.Text.Encoding.UTF8.GetByteCount(directory) + 1 + LongestSocketName > SocketPathBytes)
        {
            errors.Add(
                $"{path}.socketDirectory", "the path is too long for a socket", $"{SocketPathBytes - 1 - LongestSocketName} bytes at most");
        }
    }

    private static void CheckGuarantees(AdapterSpec adapter, string path, ConfigErrors errors)
    {
        long sum = adapter.Vfs.Values.Sum(vf => (long)vf.MinTxRateMegabits);
        if (adapter.LineRateMegabits > 0 && sum > adapter.LineRateMegabits)
        {
            errors.Add(
                $"{path}.lineRate",
                $"the VFs' min_tx_rate are {sum} together, more than lineRate {adapter.LineRateMegabits}",
                "lower some, or raise lineRate");
        }
    }

    private static void CheckUplink(UplinkSpec uplink, string path, HashSet<string> taps, ConfigErrors errors)
    {
        if (uplink.Kind == UplinkKind.None)
        {
            return;
        }

        string name = uplink.Name ?? "";
        if (name.Length is 0 or > InterfaceNameBytes || name is "." or ".." || name.Any(c => c is '/' or ':' || char.IsWhiteSpace(c)))
        {
            errors.Add($"{path}.name", $"'{name}' is no name of a network interface", "1 to 15 characters without /, : and spaces");
        }
        else if (!taps.Add(name))
        {
            errors.Add($"{path}.name", $"two adapters have '{name}' as uplink", "give each its own, or use one adapter");
        }

        if (uplink is { Create: true, Kind: not UplinkKind.Tap })
        {
            errors.Add($"{path}.create", "only a tap can be created", "use tap, or leave create out");
        }
    }

    private static void CheckVf(AdapterSpec adapter, int vf, VfSpec spec, string path, ConfigErrors errors)
    {
        if (vf < 0 || vf >= adapter.TotalVfs)
        {
            errors.Add(path, $"VF {vf} does not exist", $"VFs of this adapter are 0 to {adapter.TotalVfs - 1} (totalVfs)");
        }

        Range(spec.Vlan, 0, VlanRanges.Highest, $"{path}.vlan", "vlan", errors);
        Range(spec.Qos, 0, 7, $"{path}.qos", "qos", errors);
        Range(spec.MinTxRateMegabits, 0, HighestRateMegabits, $"{path}.min_tx_rate", "min_tx_rate", errors);
        Range(spec.MaxTxRateMegabits, 0, HighestRateMegabits, $"{path}.max_tx_rate", "max_tx_rate", errors);
        if (spec.MaxTxRateMegabits > 0 && spec.MinTxRateMegabits > spec.MaxTxRateMegabits)
        {
            errors.Add(
                $"{path}.min_tx_rate",
                $"min_tx_rate {spec.MinTxRateMegabits} is above max_tx_rate {spec.MaxTxRateMegabits}",
                "lower min_tx_rate, or raise max_tx_rate");
        }

        CheckVlanRules(spec, path, errors);
        if (spec.Owner is { } owner && !OwnerName().IsMatch(owner))
        {
            errors.Add($"{path}.owner", $"'{owner}' is no user", "a user name or a numeric user id");
        }
    }

    private static void CheckVlanRules(VfSpec spec, string path, ConfigErrors errors)
    {
        if (spec.Vlan == 0 && spec.Qos != 0)
        {
            errors.Add($"{path}.qos", "qos belongs to a port VLAN, and there is none", "set vlan, or leave qos out");
        }

        if (spec.Vlan == 0 && spec.Proto != VlanProtocol.Dot1Q)
        {
            errors.Add($"{path}.proto", "proto belongs to a port VLAN, and there is none", "set vlan, or leave proto out");
        }

        if (spec.Trunk is not { } trunk)
        {
            return;
        }

        if (VlanRanges.Parse(trunk) is null)
        {
            errors.Add($"{path}.trunk", $"'{trunk}' is no list of VLAN ids", "ids and ranges in 0 (untagged) to 4094, such as 0,10,20-29");
        }

        if (spec.Vlan != 0)
        {
            errors.Add($"{path}.trunk", "a VF has a port VLAN or a trunk, not both", "leave vlan or trunk out");
        }
    }

    private static void CheckAddress(string? text, string path, string owner, Dictionary<MacAddress, string> seen, ConfigErrors errors)
    {
        if (text is null)
        {
            return;
        }

        if (!MacAddress.TryParse(text, out MacAddress address))
        {
            errors.Add(path, $"'{text}' is no MAC address", "six hex pairs with colons, such as 52:54:00:12:34:56");
        }
        else if (address.IsMulticast || address.IsZero)
        {
            errors.Add(path, $"{text} is no unicast address", "the first byte must be even, and not all may be zero");
        }
        else if (!seen.TryAdd(address, owner))
        {
            errors.Add(path, $"{text} belongs to {seen[address]} already", "give each function an address of its own");
        }
    }

    private static void Range(int value, int low, int high, string path, string key, ConfigErrors errors)
    {
        if (value < low || value > high)
        {
            errors.Add(path, $"{key} {value} is out of range", $"{low} to {high}");
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,31}$")]
    private static partial Regex AdapterName();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$")]
    private static partial Regex OwnerName();
}
