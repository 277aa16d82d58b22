using System.Diagnostics;

namespace SoftIov.SystemTests.Nvme;

/// <summary>A block device of the host, over a sparse file.</summary>
internal sealed class LoopDevice : IDisposable
{
    private LoopDevice(string path) => Path = path;

    /// <summary>Its node.</summary>
    public string Path { get; }

    /// <summary>Makes one over a file that is made.</summary>
    public static LoopDevice Over(string file, long bytes)
    {
        using (FileStream made = File.Create(file))
            made.SetLength(bytes);
        return new LoopDevice(Run("--find", "--show", file).Trim());
    }

    /// <inheritdoc/>
    public void Dispose() => Run("--detach", Path);

    private static string Run(params string[] arguments)
    {
        using Process losetup = Process.Start(new ProcessStartInfo("losetup", arguments) { RedirectStandardOutput = true })!;
        string output = losetup.StandardOutput.ReadToEnd();
        losetup.WaitForExit();
        Assert.True(losetup.ExitCode == 0, $"losetup {string.Join(' ', arguments)}: exit code {losetup.ExitCode}; block devices need root");
        return output;
    }
}
