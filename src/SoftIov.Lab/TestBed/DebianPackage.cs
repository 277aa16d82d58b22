using System.Globalization;

namespace SoftIov.Lab.TestBed;

/// <summary>One package file of an archive.</summary>
internal sealed record DebianPackage(string Name, string Version, string FileName, long Bytes)
{
    /// <summary>Reads a line of <c>apt-get --print-uris</c>: 'URI' NAME_VERSION_ARCHITECTURE.deb BYTES HASH; null for others.</summary>
    public static DebianPackage? Parse(string line)
    {
        if (!line.StartsWith('\'') || line.Split(' ') is not [_, var file, var size, ..] ||
            !long.TryParse(size, CultureInfo.InvariantCulture, out long bytes) || file.Split('_') is not [var name, var version, _])
        {
            return null;
        }

        return new DebianPackage(name, Uri.UnescapeDataString(version), file, bytes);
    }

    /// <summary>Libraries that programs run with, and not what others are built with.</summary>
    public bool IsLibrary => Name.StartsWith("lib", StringComparison.Ordinal) && !Name.EndsWith("-dev", StringComparison.Ordinal);

    /// <summary>Whether the file is in <paramref name="folder"/> already; apt moves only verified files there.</summary>
    public bool IsCompleteIn(string folder) =>
        new FileInfo(Path.Combine(folder, FileName)) is { Exists: true } file && file.Length == Bytes;
}
