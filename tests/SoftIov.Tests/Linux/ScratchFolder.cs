namespace SoftIov.Tests.Linux;

/// <summary>A folder with a short name (socket paths are limited to 107 bytes) that is gone after the test.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("si-").FullName;

    internal string File(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
