namespace SoftIov.Lab.TestBed;

/// <summary>Writes a root file system to a folder. Devices are left out: they need root, and guests mount devtmpfs.</summary>
internal sealed class FolderWriter(string folder) : IImageWriter
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <inheritdoc/>
    public void AddFile(string path, ReadOnlySpan<byte> content, bool executable)
    {
        string file = Place(path);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, executable ? Executable : Readable);
    }

    /// <inheritdoc/>
    public void AddLink(string path, string target) => File.CreateSymbolicLink(Place(path), target);

    /// <inheritdoc/>
    public void AddFolder(string path) => Directory.CreateDirectory(Path.Combine(folder, path));

    /// <inheritdoc/>
    public void AddDevice(string path, int major, int minor) => Place(path);

    private string Place(string path)
    {
        string file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }
}
