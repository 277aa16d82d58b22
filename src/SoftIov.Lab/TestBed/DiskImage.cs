using System.Globalization;

namespace SoftIov.Lab.TestBed;

/// <summary>Makes images of ext4 file systems, by the mke2fs of a package root: no root and no mount are needed.</summary>
internal sealed class DiskImage(PackageRoot root)
{
    private const string MakeFileSystem = "mke2fs";

    /// <summary>
    /// Makes a file of <paramref name="megabytes"/> MiB with a file system that holds what <paramref name="folder"/> holds, as root's. What is
    /// at <paramref name="path"/> is replaced.
    /// </summary>
    public async Task WriteAsync(string path, string folder, int megabytes, CancellationToken cancellationToken)
    {
        File.Delete(path);
        string size = string.Create(CultureInfo.InvariantCulture, $"{megabytes}M");
        string[] arguments = ["-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0", "-E", "root_owner=0:0", "-d", folder, path, size];
        await Subprocess.RunAsync([.. root.CommandFor(MakeFileSystem), .. arguments], cancellationToken).ConfigureAwait(false);
    }
}
