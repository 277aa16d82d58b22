using System.Globalization;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// A UEFI firmware for machines, loaders that it can boot, and what serves and fills the disks and networks that it boots from: from packages of
/// a new release, fetched once.
/// </summary>
public sealed class FirmwarePrograms
{
    private static readonly string[] Packages = ["ovmf", "systemd-boot-efi", "ipxe", "mtools", "dnsmasq-base"];

    private const string Kernel = "vmlinuz.efi";
    private const string Initramfs = "initrd.img";
    private const int SectorsInMebibyte = 2048;

    private readonly PackageRoot _root;

    private FirmwarePrograms(PackageRoot root) => _root = root;

    /// <summary>The firmware.</summary>
    public UefiFirmware Firmware => new(File("usr/share/OVMF/OVMF_CODE_4M.fd"), File("usr/share/OVMF/OVMF_VARS_4M.fd"));

    /// <summary>A loader for networks that drives the card by the firmware's own driver.</summary>
    public string NetworkLoader => File("usr/lib/ipxe/snponly.efi");

    /// <summary>A server of DHCP and TFTP; options follow.</summary>
    public IReadOnlyList<string> Dnsmasq => _root.CommandFor("dnsmasq");

    /// <summary>Makes them ready. The first time some 10 MB are fetched; what cannot be had is a <see cref="BedException"/>.</summary>
    public static async Task<FirmwarePrograms> PrepareAsync(IProgress<BedProgress> progress, CancellationToken cancellationToken)
    {
        using BedCache cache = await BedCache.OpenAsync(progress, cancellationToken).ConfigureAwait(false);
        var builder = new BedBuilder(cache, progress, cancellationToken);
        return new FirmwarePrograms(await builder.GetReleaseRootAsync("a UEFI firmware", Packages, IsNeeded, isNewer: true).ConfigureAwait(false));
    }

    /// <summary>
    /// Makes an image of <paramref name="megabytes"/> MiB that firmware boots: a FAT file system with a loader, the kernel of
    /// <paramref name="options"/> and its file system for memory. What is at <paramref name="path"/> is replaced.
    /// </summary>
    public async Task MakeBootDiskAsync(
        string path, int megabytes, VmBed bed, VirtualMachineOptions options, CancellationToken cancellationToken = default)
    {
        GuestBoot boot = bed.Boot(options.Kernel);
        DirectoryInfo staging = Directory.CreateTempSubdirectory("softiov-esp-");
        try
        {
            string menu = Path.Combine(staging.FullName, "loader.conf");
            string entry = Path.Combine(staging.FullName, "guest.conf");
            await System.IO.File.WriteAllTextAsync(menu, "timeout 0\n", cancellationToken).ConfigureAwait(false);
            await System.IO.File.WriteAllTextAsync(
                entry,
                $"title guest\nlinux /{Kernel}\ninitrd /{Initramfs}\noptions {QemuCommandLine.KernelCommandLine(options)}\n",
                cancellationToken).ConfigureAwait(false);
            System.IO.File.Delete(path);
            string sectors = (megabytes * SectorsInMebibyte).ToString(CultureInfo.InvariantCulture);
            await ToolAsync(cancellationToken, "mformat", "-C", "-i", path, "-T", sectors, "::").ConfigureAwait(false);
            await ToolAsync(cancellationToken, "mmd", "-i", path, "::/EFI", "::/EFI/BOOT", "::/loader", "::/loader/entries").ConfigureAwait(false);
            (string From, string To)[] files =
            [
                (File("usr/lib/systemd/boot/efi/systemd-bootx64.efi"), "EFI/BOOT/BOOTX64.EFI"), (menu, "loader/loader.conf"),
                (entry, "loader/entries/guest.conf"), (boot.Kernel, Kernel), (boot.Initramfs, Initramfs),
            ];
            foreach ((string from, string to) in files)
                await ToolAsync(cancellationToken, "mcopy", "-i", path, from, $"::/{to}").ConfigureAwait(false);
        }
        finally
        {
            staging.Delete(recursive: true);
        }
    }

    private static bool IsNeeded(DebianPackage package) => package.IsLibrary || Packages.Contains(package.Name);

    private Task ToolAsync(CancellationToken cancellationToken, string tool, params string[] arguments) =>
        Subprocess.RunAsync([.. _root.CommandFor("mtools"), "-c", tool, .. arguments], cancellationToken);

    private string File(string relative) => _root.FindFile(relative) ?? throw new BedException($"no {relative} in {_root.Folder}");
}
