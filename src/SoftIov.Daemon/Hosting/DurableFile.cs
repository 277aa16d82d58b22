using SoftIov.Linux;

namespace SoftIov.Daemon.Hosting;

/// <summary>
/// Files of the state directory: written whole to a second file, forced to the disk and renamed, so that a crash leaves the old content or the
/// new one, never a half.
/// </summary>
internal static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory that only its owner sees into, unless it is there.</summary>
    public static void MakeDirectory(string path) => Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);

    /// <summary>
    /// Replaces the content; on return it survives a power cut. What is on disk already is not written again: a daemon starts on a full disk.
    /// Throws an <see cref="IOException"/> or an <see cref="UnauthorizedAccessException"/>, and then the old content stays.
    /// </summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return;
        }

        string fresh = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var file = new FileStream(fresh, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
        FileDescriptor.FlushDirectory(Path.GetDirectoryName(path)!);
    }
}
