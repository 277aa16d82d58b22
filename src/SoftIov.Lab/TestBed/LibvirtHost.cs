using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// A libvirtd of packages with a QEMU of its own, for domains of the bed's guests. It needs root, and never outlives this process: it runs in
/// a mount and a process namespace, which take root file system, sockets, logs and QEMUs with them.
/// </summary>
public sealed class LibvirtHost : IAsyncDisposable
{
    /// <summary>User that runs its QEMUs, as a Debian has it.</summary>
    public const int QemuUser = 64055;

    private const string Script = "libvirt.sh";
    private const UnixFileMode Traversable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string[] Packages =
        ["libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients", "qemu-system-x86", "qemu-system-common", "qemu-system-data"];

    // A root of its own has no libraries of the machine to fall back to, and QEMU wants its firmware.
    private static readonly string[] AlsoNeeded = ["zlib1g", "seabios", "ipxe-qemu"];

    /// <summary>A start waits as long as QEMU cannot connect.</summary>
    private const string LongestSeconds = "180";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);

    private readonly VmBed _bed;
    private readonly PackageRoot _root;
    private readonly Process _process;
    private readonly DirectoryInfo _folder;
    private readonly TailLog _log = new();

    private LibvirtHost(VmBed bed, PackageRoot root, Process process, DirectoryInfo folder)
    {
        _bed = bed;
        _root = root;
        _process = process;
        _folder = folder;
        _ = _log.FollowAsync(process.StandardError);
    }

    /// <summary>Folder for files of its domains, which its QEMUs find at the same path.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The last lines that it said, and those of its QEMUs.</summary>
    public string Log => string.Join('\n', Directory.GetFiles(Path.Combine(Folder, "log"), "*.log", SearchOption.AllDirectories)
        .Select(file => $"--- {Path.GetFileName(file)}\n{File.ReadAllText(file)}").Prepend($"--- libvirtd\n{_log}"));

    private string Socket => Path.Combine(Folder, "run", "libvirt", "libvirt-sock");

    /// <summary>
    /// Starts it and waits until it answers. The first time some 45 MB are fetched; what cannot be had is a <see cref="BedException"/>.
    /// </summary>
    public static async Task<LibvirtHost> StartAsync(VmBed bed, IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        PackageRoot root;
        using (BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            root = await new BedBuilder(cache, progress, cancellationToken)
                .GetReleaseRootAsync("libvirt", Packages, IsNeeded, isNewer: true).ConfigureAwait(false);
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("softiov-libvirt-");
        File.SetUnixFileMode(folder.FullName, Traversable);
        folder.CreateSubdirectory("run");
        folder.CreateSubdirectory("log");
        string script = Path.Combine(folder.FullName, Script);
        await using (Stream source = typeof(LibvirtHost).Assembly.GetManifestResourceStream(Script)!)
        await using (FileStream file = File.Create(script))
        {
            await source.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
        }

        string[] arguments =
        [
            "--mount", "--pid", "--fork", "--kill-child", "sh", script, root.Folder, folder.FullName, BedCache.Location(),
            QemuUser.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo("unshare", arguments) { RedirectStandardError = true };
        Process process = await ChildProcess.StartAsync(start).ConfigureAwait(false);
        var host = new LibvirtHost(bed, root, process, folder);
        try
        {
            await host.WaitUntilItAnswersAsync(cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// A domain of this name that boots a guest of the bed and has no network; to be completed and handed to <see cref="BootAsync"/>. It is
    /// emulated always: the user of its QEMU may not use the machine's KVM.
    /// </summary>
    public XElement NewDomain(string name) => XElement.Parse($"""
        <domain type="qemu">
          <name>{name}</name>
          <memory unit="MiB">256</memory>
          <os>
            <type arch="x86_64" machine="q35">hvm</type>
            <kernel>{_bed.Boot(GuestKernel.Stable).Kernel}</kernel>
            <initrd>{_bed.Boot(GuestKernel.Stable).Initramfs}</initrd>
            <cmdline>{QemuCommandLine.KernelCommandLine(new VirtualMachineOptions())}</cmdline>
          </os>
          <features><acpi/></features>
          <cpu mode="maximum"/>
          <devices>
            <serial type="file"><source path="{Folder}/log/{name}-console.log"/></serial>
            <serial type="unix"><source mode="connect" path="{Folder}/{name}"/></serial>
            <memballoon model="none"/>
          </devices>
        </domain>
        """);

    /// <summary>Defines a domain, which libvirt holds against its schema, starts it, and waits until its guest takes commands.</summary>
    public async Task<LibvirtGuest> BootAsync(XElement domain, CancellationToken cancellationToken = default)
    {
        string name = domain.Element("name")!.Value;
        var guest = new LibvirtGuest(name, Path.Combine(Folder, name));
        try
        {
            await DefineAsync(domain, cancellationToken).ConfigureAwait(false);
            await VirshAsync(["start", name], cancellationToken).ConfigureAwait(false);
            await guest.WaitUntilUpAsync(cancellationToken).ConfigureAwait(false);
            return guest;
        }
        catch
        {
            guest.Dispose();
            throw;
        }
    }

    /// <summary>Defines a domain, which libvirt holds against its schema.</summary>
    public async Task DefineAsync(XElement domain, CancellationToken cancellationToken = default)
    {
        string file = Path.Combine(Folder, $"{domain.Element("name")!.Value}.xml");
        await File.WriteAllTextAsync(file, domain.ToString(), cancellationToken).ConfigureAwait(false);
        await VirshAsync(["define", "--validate", file], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs virsh, which must succeed; returns what it printed. What it says otherwise is a <see cref="BedException"/>.</summary>
    public async Task<string> VirshAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default)
    {
        string[] connection = ["--quiet", "--connect", $"qemu+unix:///system?socket={Socket}"];
        string[] command = ["timeout", LongestSeconds, .. _root.CommandFor("virsh"), .. connection, .. arguments];
        return await Subprocess.RunAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(); // and the kernel all that it started
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
        for (int tries = 50; _folder.Exists; tries--)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (tries > 0)
            {
                await Task.Delay(100).ConfigureAwait(false); // what the kernel is about to kill may still write there
            }
        }
    }

    private static bool IsNeeded(DebianPackage package) =>
        package.IsLibrary || Packages.Contains(package.Name) || AlsoNeeded.Contains(package.Name);

    private async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        while (!File.Exists(Socket))
        {
            if (_process.HasExited || Environment.TickCount64 - start > StartTimeout.TotalMilliseconds)
                throw new BedException($"libvirtd did not start; it needs root and namespaces\n{Log}");
            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }

        await VirshAsync(["version"], cancellationToken).ConfigureAwait(false);
    }
}
