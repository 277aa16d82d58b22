using SoftIov.Tests.Linux;

namespace SoftIov.Tests.Transports;

/// <summary>A block device over a file (losetup(8)), with blocks of a size.</summary>
internal sealed class LoopDevice : IDisposable
{
    public LoopDevice(string file, int blockBytes)
    {
        Path = HostCommand.Run("losetup", "--show", "-f", "-b", $"{blockBytes}", file);
    }

    public string Path { get; }

    /// <summary>Flushes that the device was sent (Documentation/admin-guide/iostats.rst).</summary>
    public long Flushes => long.Parse(
        File.ReadAllText($"/sys/block/{System.IO.Path.GetFileName(Path)}/stat").Split(' ', StringSplitOptions.RemoveEmptyEntries)[15]);

    public void Dispose() => HostCommand.Run("losetup", "-d", Path);
}
