using SoftIov.Tests.Linux;

namespace SoftIov.Tests.Transports;

/// <summary>A file system of its own, mounted while the test runs.</summary>
internal sealed class MountedFolder : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _path;

    public MountedFolder(string type, string options, string device = "none")
    {
        _path = _folder.File("mnt");
        Directory.CreateDirectory(_path);
        HostCommand.Run("mount", "-t", type, "-o", options, device, _path);
    }

    public string File(string name) => Path.Combine(_path, name);

    public void Dispose()
    {
        HostCommand.Run("umount", _path);
        _folder.Dispose();
    }
}
