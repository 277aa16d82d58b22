using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Pcie;

namespace SoftIov.Daemon.Personalities;

/// <summary>Ranges, duplicates and contradictions of what only net adapters have.</summary>
internal static class NetChecks
{
    private const int InterfaceNameBytes = 15; // IFNAMSIZ without its final zero
    private const int HighestRateMegabits = 1_000_000;

    /// <summary>Adds all that is wrong to <paramref name="errors"/>.</summary>
    public static void Check(NetAdapterSpec adapter, string path, Claims claims, ConfigErrors errors)
    {
        errors.CheckRange(adapter.Mtu, 1280, 65535, $"{path}.mtu", "mtu");
        errors.CheckRange(adapter.LineRateMegabits, 0, HighestRateMegabits, $"{path}.lineRate", "lineRate");
        CheckGuarantees(adapter, path, errors);
        CheckWhole(adapter, path, errors);
        errors.CheckRange(adapter.QueuePairs, 1, 16, $"{path}.queuePairs", "queuePairs");
        CheckUplink(adapter.Uplink, $"{path}.uplink", adapter.Name, claims, errors);
        CheckAddress(adapter.Mac, $"{path}.mac", $"{adapter.Name}/pf", claims, errors);
        foreach ((int vf, NetVfSpec spec) in adapter.Vfs)
        {
            CheckVf(spec, $"{path}.vfs.{vf}", errors);
            CheckAddress(spec.Mac, $"{path}.vfs.{vf}.mac", $"{adapter.Name}/{vf}", claims, errors);
        }
    }

    private static void CheckGuarantees(NetAdapterSpec adapter, string path, ConfigErrors errors)
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

    /// <summary>Nvme adapters have no such limit: they never have as many VFs.</summary>
    private static void CheckWhole(NetAdapterSpec adapter, string path, ConfigErrors errors)
    {
        int most = SriovAdapter.MostWholeVfs(NetFunction.MemoryBytes, NetFunction.MemoryBytes);
        if (adapter.Whole && adapter.TotalVfs > most)
        {
            errors.Add(
                $"{path}.totalVfs",
                $"totalVfs {adapter.TotalVfs} is more than a VM can have of an adapter that is whole",
                $"{most} at most, or leave whole at false");
        }
    }

    private static void CheckUplink(UplinkSpec uplink, string path, string owner, Claims claims, ConfigErrors errors)
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
        else if (claims.Claim("interface", name, owner) is not null)
        {
            errors.Add($"{path}.name", $"two adapters have '{name}' as uplink", "give each its own, or use one adapter");
        }

        if (uplink is { Create: true, Kind: not UplinkKind.Tap })
        {
            errors.Add($"{path}.create", "only a tap can be created", "use tap, or leave create out");
        }
    }

    private static void CheckVf(NetVfSpec spec, string path, ConfigErrors errors)
    {
        errors.CheckRange(spec.Vlan, 0, VlanRanges.Highest, $"{path}.vlan", "vlan");
        errors.CheckRange(spec.Qos, 0, 7, $"{path}.qos", "qos");
        errors.CheckRange(spec.MinTxRateMegabits, 0, HighestRateMegabits, $"{path}.min_tx_rate", "min_tx_rate");
        errors.CheckRange(spec.MaxTxRateMegabits, 0, HighestRateMegabits, $"{path}.max_tx_rate", "max_tx_rate");
        if (spec.MaxTxRateMegabits > 0 && spec.MinTxRateMegabits > spec.MaxTxRateMegabits)
        {
            errors.Add(
                $"{path}.min_tx_rate",
                $"min_tx_rate {spec.MinTxRateMegabits} is above max_tx_rate {spec.MaxTxRateMegabits}",
                "lower min_tx_rate, or raise max_tx_rate");
        }

        if (spec.Interrupts == InterruptMode.Msi)
        {
            errors.Add($"{path}.interrupts", "VFs of net adapters have no MSI", "msix or intx");
        }

        CheckFrontEnd(spec, $"{path}.transport", errors);
        CheckVlanRules(spec, path, errors);
    }

    private static void CheckFrontEnd(NetVfSpec spec, string path, ConfigErrors errors)
    {
        const int Longest = DesiredStateValidator.SocketPathBytes;
        if (spec.FrontEnd is not { } frontEnd)
        {
            return;
        }

        if (spec.Transport != VfTransport.VhostUser)
        {
            errors.Add(path, "only by vhost-user a front-end is connected to", $"vhost-user:{frontEnd}, or no socket");
        }
        else if (!Path.IsPathFullyQualified(frontEnd))
        {
            errors.Add(path, $"'{frontEnd}' is no absolute path", "begin it with /");
        }
        else if (System.Text.Encoding.UTF8.GetByteCount(frontEnd) > Longest)
        {
            errors.Add(path, "the path of the front-end is too long for a socket", $"{Longest} bytes at most");
        }
    }

    private static void CheckVlanRules(NetVfSpec spec, string path, ConfigErrors errors)
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

    private static void CheckAddress(string? text, string path, string owner, Claims claims, ConfigErrors errors)
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
        else if (claims.Claim("mac", address.ToString(), owner) is { } other)
        {
            errors.Add(path, $"{text} belongs to {other} already", "give each function an address of its own");
        }
    }
}
