using System.Text.RegularExpressions;

namespace SoftIov.Lab.TestBed;

/// <summary>A QEMU that is a vfio-user client.</summary>
/// <param name="Command">Program and leading arguments.</param>
/// <param name="Version">Its version.</param>
internal sealed partial record QemuProgram(IReadOnlyList<string> Command, Version Version)
{
    /// <summary>First version with <c>-device vfio-user-pci</c>.</summary>
    public static readonly Version FirstWithVfioUser = new(10, 1);

    /// <summary>Its program's name.</summary>
    public const string Name = "qemu-system-x86_64";

    private const string ModuleFolder = "usr/lib/x86_64-linux-gnu/qemu";
    private static readonly string[] DataFolders = ["usr/share/qemu", "usr/share/seabios", "usr/lib/ipxe/qemu"];

    /// <summary>The machine's own QEMU, or null when there is none or it is too old or built without vfio-user.</summary>
    public static async Task<QemuProgram?> FindOnMachineAsync(CancellationToken cancellationToken) =>
        Subprocess.Find(Name) is { } path ? await ProbeAsync([path], cancellationToken).ConfigureAwait(false) : null;

    /// <summary>The QEMU of a package root.</summary>
    public static async Task<QemuProgram> InRootAsync(PackageRoot root, CancellationToken cancellationToken)
    {
        return await ProbeAsync(CommandIn(root), cancellationToken).ConfigureAwait(false)
            ?? throw new BedException($"the QEMU of {root.Folder} is no vfio-user client (version {FirstWithVfioUser} or newer is)");
    }

    /// <summary>The QEMU of a package root, of whatever version.</summary>
    public static async Task<QemuProgram> AnyInRootAsync(PackageRoot root, CancellationToken cancellationToken)
    {
        // Parts of it may be modules, which are looked for where they would be installed.
        string modules = Path.Combine(root.Folder, ModuleFolder);
        string[] environment = Directory.Exists(modules) ? ["/usr/bin/env", $"QEMU_MODULE_DIR={modules}"] : [];
        IReadOnlyList<string> command = [.. environment, .. CommandIn(root)];
        (int exitCode, string text, string errors) = await Subprocess.TryRunAsync([.. command, "--version"], cancellationToken).ConfigureAwait(false);
        return exitCode == 0 && Version.TryParse(VersionText().Match(text).Groups[1].Value, out Version? version)
            ? new QemuProgram(command, version)
            : throw new BedException($"the QEMU of {root.Folder} does not run: {errors}");
    }

    private static List<string> CommandIn(PackageRoot root)
    {
        IEnumerable<string> data = DataFolders.Select(folder => Path.Combine(root.Folder, folder)).Where(Directory.Exists);
        return [.. root.CommandFor(Name), .. data.SelectMany(folder => new[] { "-L", folder })];
    }

    private static async Task<QemuProgram?> ProbeAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        (int exitCode, string text, _) = await Subprocess.TryRunAsync([.. command, "--version"], cancellationToken).ConfigureAwait(false);
        string found = VersionText().Match(text).Groups[1].Value;
        if (exitCode != 0 || !Version.TryParse(found, out Version? version) || version < FirstWithVfioUser)
        {
            return null;
        }

        (_, string devices, string errors) = await Subprocess.TryRunAsync([.. command, "-device", "help"], cancellationToken)
            .ConfigureAwait(false);
        return (devices + errors).Contains("\"vfio-user-pci\"", StringComparison.Ordinal) ? new QemuProgram(command, version) : null;
    }

    [GeneratedRegex(@"version (\d+\.\d+(\.\d+)?)")]
    private static partial Regex VersionText();
}
