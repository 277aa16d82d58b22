namespace SoftIov.Lab.TestBed;

/// <summary>
/// A folder of unpacked packages whose programs run by their own loader and libraries, without chroot or mounts; or the machine itself.
/// </summary>
internal sealed class PackageRoot
{
    private const string Loader = "ld-linux-x86-64.so.2";
    private static readonly string[] ProgramFolders = ["usr/bin", "usr/sbin", "bin", "sbin", "usr/local/bin", "usr/lib/openvswitch-switch-dpdk"];

    // The last is where a library that fio loads looks for another by an absolute path.
    private static readonly string[] LibraryFolders =
        ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib64", "lib64", "usr/lib/x86_64-linux-gnu/ceph"];

    /// <summary>Takes <paramref name="folder"/> as a root; "/" is the machine itself.</summary>
    public PackageRoot(string folder) => Folder = folder;

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Path of the dynamic loader.</summary>
    public string LoaderPath => FindFile($"usr/lib64/{Loader}") ?? FindFile($"lib64/{Loader}") ??
        throw new BedException($"no dynamic loader {Loader} in {Folder}");

    private bool IsMachine => Folder == "/";

    /// <summary>Path of a file given relative to the root, or null.</summary>
    public string? FindFile(string relative) => Path.Combine(Folder, relative) is var path && File.Exists(path) ? path : null;

    /// <summary>Path of a program, or null.</summary>
    public string? FindProgram(string name) => IsMachine
        ? Subprocess.Find(name)
        : ProgramFolders.Select(folder => FindFile($"{folder}/{name}")).FirstOrDefault(path => path is not null);

    /// <summary>Path of a shared library, or null.</summary>
    public string? FindLibrary(string name) =>
        LibraryFolders.Select(folder => FindFile($"{folder}/{name}")).FirstOrDefault(path => path is not null);

    /// <summary>The command that runs a program of this root on the machine, to which arguments are appended.</summary>
    public IReadOnlyList<string> CommandFor(string name)
    {
        string program = FindProgram(name) ?? throw new BedException($"no program {name} in {Folder}");
        return IsMachine ? [program] : [LoaderPath, "--library-path", LibraryPath(), program];
    }

    /// <summary>Shared libraries that a program loads, as their name and path; empty for a static program.</summary>
    public async Task<IReadOnlyList<(string Name, string Path)>> LibrariesOfAsync(string program, CancellationToken cancellationToken)
    {
        string[] search = IsMachine ? [] : ["--library-path", LibraryPath()];
        (int exitCode, string lines, _) = await Subprocess.TryRunAsync([LoaderPath, .. search, "--list", program], cancellationToken)
            .ConfigureAwait(false);
        return exitCode == 0 ? ParseLibraries(lines) : []; // the loader refuses static programs
    }

    /// <summary>Reads lines "NAME => PATH (ADDRESS)" of the loader; a library not found is an error.</summary>
    internal static IReadOnlyList<(string Name, string Path)> ParseLibraries(string lines)
    {
        var libraries = new List<(string, string)>();
        foreach (string line in lines.Split('\n'))
        {
            if (line.Trim().Split(" => ") is not [var name, var found])
            {
                continue;
            }

            if (found.StartsWith("not found", StringComparison.Ordinal))
            {
                throw new BedException($"shared library {name} is missing");
            }

            if (!name.EndsWith(Loader, StringComparison.Ordinal))
            {
                libraries.Add((name, found[..found.LastIndexOf(" (", StringComparison.Ordinal)]));
            }
        }

        return libraries;
    }

    private string LibraryPath() =>
        string.Join(':', LibraryFolders.Select(folder => Path.Combine(Folder, folder)).Where(Directory.Exists));
}
