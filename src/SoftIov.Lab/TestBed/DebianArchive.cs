using System.Globalization;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// Packages of some suites of Debian's archive, fetched by the machine's own apt (its proxies, credentials and keys) with lists and a
/// package state of their own: nothing is installed, the machine's package state is neither read nor changed, and root is not needed.
/// </summary>
internal sealed class DebianArchive
{
    private static readonly string[] Keyrings =
        ["/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"];

    // apt tells no address of a package whose file it has.
    private const string NoArchives = "no-archives";

    private readonly string _folder;
    private readonly IReadOnlyList<string> _suites;
    private readonly IProgress<BedProgress> _progress;

    private DebianArchive(string folder, IReadOnlyList<string> suites, IProgress<BedProgress> progress)
    {
        _folder = folder;
        _suites = suites;
        _progress = progress;
    }

    /// <summary>Fetches the lists of <paramref name="suites"/> into <paramref name="folder"/>; the last suite is preferred.</summary>
    public static async Task<DebianArchive> OpenAsync(
        string folder,
        DebianRelease release,
        IReadOnlyList<string> suites,
        IProgress<BedProgress> progress,
        CancellationToken cancellationToken)
    {
        var archive = new DebianArchive(folder, suites, progress);
        Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(folder, "archives", "partial"));
        Directory.CreateDirectory(Path.Combine(folder, NoArchives, "partial"));
        await File.WriteAllTextAsync(Path.Combine(folder, "status"), "", cancellationToken).ConfigureAwait(false);
        string signed = Keyrings.FirstOrDefault(File.Exists) is { } keyring ? $"[signed-by={keyring}] " : "";
        await File.WriteAllLinesAsync(
            Path.Combine(folder, "sources.list"), suites.Select(suite => $"deb {signed}{release.Mirror} {suite} main"), cancellationToken)
            .ConfigureAwait(false);
        progress.Report(new BedProgress($"reads the package lists of {string.Join(" and ", suites)}"));
        await archive.AptAsync("apt-get", ["-qq", "update"], cancellationToken).ConfigureAwait(false);
        return archive;
    }

    /// <summary>What an installation of <paramref name="packages"/> on an empty machine would fetch: they and all they depend on.</summary>
    public async Task<IReadOnlyList<DebianPackage>> ResolveAsync(
        IReadOnlyCollection<string> packages, CancellationToken cancellationToken)
    {
        string[] options =
        [
            "-qq", "--yes", "--no-install-recommends", $"--target-release={_suites[^1]}", "--print-uris",
            "-o", $"Dir::Cache::archives={_folder}/{NoArchives}",
        ];
        string lines = await AptAsync("apt-get", [.. options, "install", .. packages], cancellationToken).ConfigureAwait(false);
        List<DebianPackage> found = [.. lines.Split('\n').Select(DebianPackage.Parse).OfType<DebianPackage>()];
        if (packages.FirstOrDefault(wanted => found.TrueForAll(package => package.Name != wanted)) is { } missing)
        {
            throw new BedException($"apt does not say where the package {missing} is");
        }

        return [.. found.OrderBy(package => package.FileName, StringComparer.Ordinal)];
    }

    /// <summary>Fetches <paramref name="packages"/>, those of an interrupted run not again, and unpacks them over each other.</summary>
    public async Task UnpackAsync(IReadOnlyList<DebianPackage> packages, string target, string what, CancellationToken cancellationToken)
    {
        string archives = Path.Combine(_folder, "archives");
        List<DebianPackage> missing = [.. packages.Where(package => !package.IsCompleteIn(archives))];
        if (missing.Count > 0)
        {
            string step = $"downloads {what} ({missing.Sum(package => package.Bytes) / 1_000_000} MB)";
            _progress.Report(new BedProgress(step, 0));
            await AptAsync(
                "apt-get",
                ["-qq", "-o", "APT::Status-Fd=1", "download", .. missing.Select(package => $"{package.Name}={package.Version}")],
                cancellationToken,
                archives,
                line => ReportDownload(step, line)).ConfigureAwait(false);
        }

        Directory.CreateDirectory(target);
        for (int done = 0; done < packages.Count; done++)
        {
            _progress.Report(new BedProgress($"unpacks {what}", (double)done / packages.Count));
            string file = Path.Combine(archives, packages[done].FileName);
            await Subprocess.RunAsync(["dpkg-deb", "--extract", file, target], cancellationToken).ConfigureAwait(false);
        }
    }

    // Lines of APT::Status-Fd: dlstatus:ITEM:PERCENT:TEXT.
    private void ReportDownload(string step, string line)
    {
        string[] fields = line.Split(':', 4);
        if (fields is ["dlstatus", _, var percent, ..] && double.TryParse(percent, CultureInfo.InvariantCulture, out double done))
        {
            _progress.Report(new BedProgress(step, done / 100));
        }
    }

    private Task<string> AptAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string? folder = null,
        Action<string>? onLine = null)
    {
        string[] command =
        [
            program,
            "-o", $"Dir::State={_folder}",
            "-o", $"Dir::State::lists={_folder}/lists",
            "-o", $"Dir::State::status={_folder}/status",
            "-o", $"Dir::Cache={_folder}",
            "-o", $"Dir::Cache::archives={_folder}/archives",
            "-o", $"Dir::Etc::sourcelist={_folder}/sources.list",
            "-o", "Dir::Etc::sourceparts=/dev/null",
            "-o", "Dir::Etc::preferences=/dev/null",
            "-o", "Dir::Etc::preferencesparts=/dev/null",
            "-o", "APT::Sandbox::User=",
            "-o", "Acquire::Languages=none",
            "-o", "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            "-o", "Debug::NoLocking=1",
            .. arguments,
        ];
        return Subprocess.RunAsync(command, cancellationToken, folder, onLine);
    }
}
