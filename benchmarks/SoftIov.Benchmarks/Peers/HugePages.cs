using System.Globalization;
using SoftIov.Lab.TestBed;

namespace SoftIov.Benchmarks.Peers;

/// <summary>Huge pages of 2 MiB that are reserved, and a file system of them, for as long as this lives. Needs root.</summary>
internal sealed class HugePages : IDisposable
{
    private const string Reserved = "/proc/sys/vm/nr_hugepages";

    private readonly string _before;

    /// <summary>Reserves so many megabytes beside what is reserved already, and mounts.</summary>
    public HugePages(string folder, int megabytes)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new BedException("DPDK wants huge pages, and to reserve some is for root");
        Folder = folder;
        Directory.CreateDirectory(folder);
        _before = File.ReadAllText(Reserved).Trim();
        int wanted = int.Parse(_before, CultureInfo.InvariantCulture) + (megabytes / 2);
        File.WriteAllText(Reserved, $"{wanted}");
        int there = int.Parse(File.ReadAllText(Reserved), CultureInfo.InvariantCulture);
        if (there < wanted)
        {
            File.WriteAllText(Reserved, _before);
            throw new BedException($"the kernel gives {there} huge pages of {wanted}", "free memory, or drop caches");
        }

        Run("mount", "-t", "hugetlbfs", "-o", "pagesize=2M", "none", folder);
    }

    /// <summary>Where they are mounted.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Run("umount", "--lazy", Folder);
        File.WriteAllText(Reserved, _before);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new BedException($"{program} {string.Join(' ', arguments)} failed");
    }
}
