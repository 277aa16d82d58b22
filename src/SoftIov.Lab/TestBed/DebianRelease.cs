using System.Text.RegularExpressions;

namespace SoftIov.Lab.TestBed;

/// <summary>The Debian release of this machine and the mirror its apt uses.</summary>
/// <param name="Codename">Name of the release, "bookworm".</param>
/// <param name="Number">Number of the release; testing and unstable count as <see cref="int.MaxValue"/>.</param>
/// <param name="Mirror">Address of the archive, as apt's own configuration has it.</param>
internal sealed partial record DebianRelease(string Codename, int Number, string Mirror)
{
    /// <summary>First release whose archive (with its backports) has a QEMU that is a vfio-user client.</summary>
    private const int FirstWithVfioUser = 13;
    private const string FirstWithVfioUserName = "trixie";

    /// <summary>
    /// Suites with a QEMU and a kernel newer than a stable release's, in sources.list order; the last one is preferred. Releases after
    /// the first one that has them serve themselves.
    /// </summary>
    public IReadOnlyList<string> NewerSuites => Number switch
    {
        <= FirstWithVfioUser => [FirstWithVfioUserName, $"{FirstWithVfioUserName}-backports"],
        int.MaxValue => [Codename],
        _ => [Codename, $"{Codename}-backports"],
    };

    /// <summary>Reads /etc/os-release and asks apt where it gets this release from; null where this is no Debian with apt.</summary>
    public static async Task<DebianRelease?> DetectAsync(CancellationToken cancellationToken)
    {
        if (Subprocess.Find("apt-get") is not { } apt || !File.Exists("/etc/os-release"))
        {
            return null;
        }

        Dictionary<string, string> release = ReadOsRelease(await File.ReadAllLinesAsync("/etc/os-release", cancellationToken)
            .ConfigureAwait(false));
        if (release.GetValueOrDefault("ID") != "debian" || release.GetValueOrDefault("VERSION_CODENAME") is not { Length: > 0 } codename)
        {
            return null;
        }

        (int exitCode, string addresses, _) = await Subprocess.TryRunAsync([apt, "update", "--print-uris"], cancellationToken)
            .ConfigureAwait(false);
        int number = int.TryParse(release.GetValueOrDefault("VERSION_ID"), out int parsed) ? parsed : int.MaxValue;
        return exitCode == 0 && FindMirror(addresses, codename) is { } mirror ? new DebianRelease(codename, number, mirror) : null;
    }

    /// <summary>
    /// Address of the archive that serves component main of <paramref name="codename"/>, out of the addresses of what an update of apt
    /// would fetch: those come from its sources alone, so they are there where no update ever ran.
    /// </summary>
    internal static string? FindMirror(string addresses, string codename) =>
        (from match in PackageListOfMain().Matches(addresses)
         let suite = match.Groups["suite"].Value
         where suite == codename || suite is "stable" or "testing" or "unstable"
         orderby suite == codename ? 0 : 1
         select match.Groups["mirror"].Value).FirstOrDefault();

    /// <summary>Values of an os-release file, unquoted.</summary>
    internal static Dictionary<string, string> ReadOsRelease(IEnumerable<string> lines)
    {
        var values = new Dictionary<string, string>();
        foreach (string line in lines)
        {
            if (line.Split('=', 2) is [var key, var value])
            {
                values[key] = value.Trim('"', '\'');
            }
        }

        return values;
    }

    [GeneratedRegex("^'(?<mirror>[^']+/)dists/(?<suite>[^/']+)/main/binary-[^/']+/Packages[.' ]", RegexOptions.Multiline)]
    private static partial Regex PackageListOfMain();
}
