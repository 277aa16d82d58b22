using System.Security.Cryptography;
using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// Builds a guest's root file system, an uncompressed initramfs: busybox, tools with their libraries, a kernel's modules, and the first
/// process. Uncompressed, because an emulated CPU unpacks slower than it copies.
/// </summary>
internal sealed class GuestImage(PackageRoot root, KernelFiles kernel, GuestTools tools)
{
    private const string Busybox = "busybox";

    // A shell of its own: busybox' runs its applets (an "ip" of less) even where the path has the real tools first.
    private static readonly string[] LeastPrograms = [Busybox, "sh", "flock"];
    private static readonly string[] NetworkTools = ["ip", "bridge", "lspci", "setpci", "ethtool", "iperf3", "tcpdump"];
    private static readonly string[] StorageTools = ["nvme", "fio", "mkfs.ext4", "e2fsck", "blkdiscard", "lsblk"];

    // Loaded by name when a thread is cancelled (iperf3 does), so no program lists it.
    private const string UnlistedLibrary = "libgcc_s.so.1";

    private static readonly string[] PciNames = ["usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"];
    private static readonly string[] Scripts = ["init.sh", "agent.sh"];

    private IReadOnlyList<string> Programs => ProgramsOf(tools);

    /// <summary>Programs that an image takes from its package root.</summary>
    public static IReadOnlyList<string> ProgramsOf(GuestTools tools) =>
        [.. LeastPrograms, .. NetworkTools, .. tools == GuestTools.Storage ? StorageTools : []];

    /// <summary>Names what goes into the image: equal for equal content.</summary>
    public string ContentHash()
    {
        var inputs = new StringBuilder();
        inputs.AppendJoin(' ', Programs).Append('\n');
        foreach (string file in Programs.Select(root.FindProgram).OfType<string>())
        {
            inputs.Append(file).Append(' ').Append(new FileInfo(file).Length).Append('\n');
        }

        inputs.Append(root.FindLibrary(UnlistedLibrary)).Append('\n');
        inputs.Append(kernel.Release).Append('\n').AppendJoin('\n', kernel.ModuleOrder(tools));
        foreach (string script in Scripts)
        {
            inputs.Append(Encoding.UTF8.GetString(Script(script)));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(inputs.ToString())))[..16];
    }

    /// <summary>Writes the image.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream file = File.Create(path);
        await using var buffered = new BufferedStream(file, 1 << 20);
        var cpio = new CpioWriter(buffered);
        await AddSystemAsync(cpio, root, Programs, cancellationToken).ConfigureAwait(false);
        AddModules(cpio);
        cpio.Finish();
    }

    /// <summary>Writes to a folder what a guest needs whose root file system is on a disk: no modules, for they are loaded by then.</summary>
    public static Task WriteDiskAsync(PackageRoot root, string folder, CancellationToken cancellationToken) =>
        AddSystemAsync(new FolderWriter(folder), root, LeastPrograms, cancellationToken);

    private static async Task AddSystemAsync(
        IImageWriter image, PackageRoot root, IReadOnlyList<string> programs, CancellationToken cancellationToken)
    {
        AddSkeleton(image);
        await AddBusyboxAsync(image, root, programs, cancellationToken).ConfigureAwait(false);
        await AddToolsAsync(image, root, programs, cancellationToken).ConfigureAwait(false);
    }

    private static void AddSkeleton(IImageWriter image)
    {
        foreach (string folder in (ReadOnlySpan<string>)["dev", "proc", "sys", "tmp", "run", "root", "var/tmp"])
        {
            image.AddFolder(folder);
        }

        // The kernel opens it for the first process before devtmpfs is mounted.
        image.AddDevice("dev/console", 5, 1);
        image.AddFile("etc/passwd", "root:x:0:0:root:/root:/bin/sh\ntcpdump:x:1:1::/:/bin/false\n"u8, executable: false);
        image.AddFile("etc/group", "root:x:0:\ntcpdump:x:1:\n"u8, executable: false);
        image.AddFile("etc/hosts", "127.0.0.1 localhost guest\n::1 localhost\n"u8, executable: false);
        image.AddFile("init", Script("init.sh"), executable: true);
        image.AddFile("agent.sh", Script("agent.sh"), executable: false);
    }

    private static async Task AddBusyboxAsync(
        IImageWriter image, PackageRoot root, IReadOnlyList<string> programs, CancellationToken cancellationToken)
    {
        string path = root.FindProgram(Busybox) ?? throw Missing(Busybox);
        AddProgram(image, $"bin/{Busybox}", path);
        string applets = await Subprocess.RunAsync([.. root.CommandFor(Busybox), "--list"], cancellationToken).ConfigureAwait(false);
        foreach (string applet in applets.Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(programs))
        {
            image.AddLink($"bin/{applet}", Busybox);
        }
    }

    private static async Task AddToolsAsync(
        IImageWriter image, PackageRoot root, IReadOnlyList<string> programs, CancellationToken cancellationToken)
    {
        var libraries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string tool in programs)
        {
            string path = root.FindProgram(tool) ?? throw Missing(tool);
            foreach ((string name, string library) in await root.LibrariesOfAsync(path, cancellationToken).ConfigureAwait(false))
            {
                libraries[name] = library;
            }

            if (tool != Busybox)
            {
                AddProgram(image, $"tools/{tool}", path);
            }
        }

        if (root.FindLibrary(UnlistedLibrary) is { } unlisted)
        {
            libraries[UnlistedLibrary] = unlisted;
        }

        AddProgram(image, "lib64/ld-linux-x86-64.so.2", root.LoaderPath);
        foreach ((string name, string library) in libraries)
        {
            AddProgram(image, $"lib64/{name}", library);
        }

        if (PciNames.Select(root.FindFile).FirstOrDefault(file => file is not null) is { } names)
        {
            image.AddFile(PciNames[0], File.ReadAllBytes(names), executable: false);
        }
    }

    private static void AddProgram(IImageWriter image, string path, string source) =>
        image.AddFile(path, File.ReadAllBytes(source), executable: true);

    private void AddModules(IImageWriter image)
    {
        IReadOnlyList<string> modules = kernel.ModuleOrder(tools);
        foreach (string module in modules)
        {
            image.AddFile($"modules/{module}", File.ReadAllBytes(Path.Combine(kernel.Folder, module)), executable: false);
        }

        string order = string.Concat(modules.Select(module => $"{module}\n"));
        image.AddFile("modules/order", Encoding.UTF8.GetBytes(order), executable: false);
    }

    private static BedException Missing(string program) =>
        new($"guests need {program}, which this machine lacks", "install its package");

    private static byte[] Script(string name)
    {
        using Stream stream = typeof(GuestImage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"no embedded script {name}");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
