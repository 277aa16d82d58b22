namespace SoftIov.Lab.TestBed;

/// <summary>The Debian release of this machine and the mirror its apt uses.</summary>
/// <param name="Codename">Name of the release, "bookworm".</param>
/// <param name="Number">Number of the release; testing and unstable count as <see cref="int.MaxValue"/>.</param>
/// <param name="Mirror">Address of the archive, as apt's own configuration has it.</param>
internal sealed record DebianRelease(string Codename, int Number, string Mirror)
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

        string[] query = [apt, "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"];
        (int exitCode, string targets, _) = await Subprocess.TryRunAsync(query, cancellationToken).ConfigureAwait(false);
        int number = int.TryParse(release.GetValueOrDefault("VERSION_ID"), out int parsed) ? parsed : int.MaxValue;
        return exitCode == 0 && FindMirror(targets, codename) is { } mirror ? new DebianRelease(codename, number, mirror) : null;
    }

    /// <summary>Address of the archive that serves component main of <paramref name="codename"/>, out of apt's list of targets.</summary>
    internal static string? FindMirror(string targets, string codename) =>
        (from line in targets.Split('\n')
         let words = line.Split(' ')
         where words.Length == 3 && words[1] == "main" && (words[0] == codename || (words[0] is "stable" or "testing" or "unstable"))
         orderby words[0] == codename ? 0 : 1
         select words[2]).FirstOrDefault();

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
}
