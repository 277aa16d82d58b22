using System.Text.RegularExpressions;
using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Configuration;

/// <summary>Ranges, duplicates and contradictions of desired state, wherever it came from: a file, <c>set</c> or a program.</summary>
internal static partial class DesiredStateValidator
{
    /// <summary>Longest path of a UNIX socket: sun_path without its final zero (unix(7)).</summary>
    public const int SocketPathBytes = 107;

    private const int LongestSocketName = 12; // vf65534.sock

    /// <summary>Adds all that is wrong to <paramref name="errors"/>.</summary>
    public static void Check(DesiredState state, ConfigErrors errors)
    {
        var claims = new Claims();
        for (int i = 0; i < state.Adapters.Count; i++)
        {
            AdapterSpec adapter = state.Adapters[i];
            string path = $"adapters[{i}]";
            if (adapter.Name.Length > 0 && claims.Claim("name", adapter.Name, adapter.Name) is not null)
            {
                errors.Add($"{path}.name", $"two adapters are named '{adapter.Name}'", "give each a name of its own");
            }

            CheckAdapter(adapter, path, errors);
            foreach (int vf in adapter.NamedVfs)
            {
                CheckVf(adapter, vf, adapter.Vf(vf), $"{path}.vfs.{vf}", errors);
            }

            PersonalityRules.Of(adapter).Check(adapter, path, claims, errors);
        }
    }

    private static void CheckAdapter(AdapterSpec adapter, string path, ConfigErrors errors)
    {
        if (adapter.Name.Length > 0 && !AdapterName().IsMatch(adapter.Name))
        {
            errors.Add($"{path}.name", $"'{adapter.Name}' is no name of an adapter", "a letter, then up to 31 letters, digits or hyphens");
        }

        errors.CheckRange(adapter.TotalVfs, 1, 65535, $"{path}.totalVfs", "totalVfs");
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

    private static void CheckVf(AdapterSpec adapter, int vf, VfSpec spec, string path, ConfigErrors errors)
    {
        if (vf < 0 || vf >= adapter.TotalVfs)
        {
            errors.Add(path, $"VF {vf} does not exist", $"VFs of this adapter are 0 to {adapter.TotalVfs - 1} (totalVfs)");
        }

        if (adapter.Whole && spec.Interrupts == InterruptMode.Intx)
        {
            errors.Add(
                $"{path}.interrupts",
                "an adapter that is for one VM whole has VFs on a bus, and those have no INTx (PCIe 9.5.1.1)",
                "msix, or set whole to false");
        }

        if (spec.Owner is { } owner && !OwnerName().IsMatch(owner))
        {
            errors.Add($"{path}.owner", $"'{owner}' is no user", "a user name or a numeric user id");
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,31}$")]
    private static partial Regex AdapterName();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$")]
    private static partial Regex OwnerName();
}
