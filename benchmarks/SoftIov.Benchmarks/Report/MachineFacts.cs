using System.Globalization;
using System.Runtime.InteropServices;

namespace SoftIov.Benchmarks.Report;

/// <summary>What figures depend on, and how busy the machine was otherwise.</summary>
/// <param name="Processor">Its name.</param>
/// <param name="Processors">How many the bench may use.</param>
/// <param name="IsVirtual">The machine is a virtual one.</param>
/// <param name="MemoryMegabytes">Of the machine.</param>
/// <param name="Kernel">Release of the kernel.</param>
/// <param name="Runtime">Version of .NET.</param>
/// <param name="LoadBefore">Runnable threads of the last minute when the bench began, without the bench.</param>
/// <param name="LoadAfter">The same at its end, with it.</param>
internal sealed record MachineFacts(
    string Processor, int Processors, bool IsVirtual, long MemoryMegabytes, string Kernel, string Runtime, double LoadBefore, double LoadAfter)
{
    private static readonly double Before = Load();

    /// <summary>Has the load read before the first run.</summary>
    public static void Begin() => _ = Before;

    /// <summary>As it is now.</summary>
    public static MachineFacts Read()
    {
        const string Cpu = "/proc/cpuinfo";
        string flags = FieldOf(Cpu, "flags");
        return new MachineFacts(
            FieldOf(Cpu, "model name"),
            Environment.ProcessorCount,
            flags.Split(' ').Contains("hypervisor"),
            long.Parse(FieldOf("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) / 1024,
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            RuntimeInformation.FrameworkDescription,
            Before,
            Load());
    }

    private static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>What follows the colon in the first line of that name; empty when there is none.</summary>
    private static string FieldOf(string file, string name)
    {
        foreach (string line in File.ReadLines(file))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon].Trim() == name)
                return line[(colon + 1)..].Trim();
        }

        return "";
    }
}
