namespace SoftIov.Lab.TestBed;

/// <summary>Decompresses kernel modules with the xz and zstd of a package root or of the machine.</summary>
internal sealed class Decompressor(PackageRoot root)
{
    /// <summary>Writes <paramref name="source"/>, decompressed as its name says, to <paramref name="target"/>.</summary>
    public async Task ToFileAsync(string source, string target, CancellationToken cancellationToken)
    {
        string? program = Path.GetExtension(source) switch
        {
            ".xz" => "xz",
            ".zst" => "zstd",
            ".gz" => "gzip",
            _ => null,
        };
        if (program is null)
        {
            File.Copy(source, target);
            return;
        }

        string compressed = target + Path.GetExtension(source);
        File.Copy(source, compressed);
        IReadOnlyList<string> command = Subprocess.Find(program) is { } own ? [own] : root.CommandFor(program);
        await Subprocess.RunAsync([.. command, "-q", "-d", compressed], cancellationToken).ConfigureAwait(false);
        File.Delete(compressed); // zstd keeps it
    }
}
