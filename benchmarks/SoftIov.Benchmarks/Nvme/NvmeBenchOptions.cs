using SoftIov.Benchmarks.Report;

namespace SoftIov.Benchmarks.Nvme;

/// <summary>What <c>bench nvme</c> was asked for.</summary>
internal sealed record NvmeBenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage =
        "[--json] [--seconds N] [--warm-up N] [--runs N] [--backing null,memory,file] [--depths 1,4,32,128] [--size BYTES] [--write] [--file PATH]";

    private const int SectorSize = 512;

    /// <summary>The table as one line of JSON, last.</summary>
    public bool Json { get; private init; }

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private init; }

    /// <summary>Until the runtime has compiled the loops for good.</summary>
    public double WarmUpSeconds { get; private init; }

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private init; }

    /// <summary>Stores to measure: null, memory, file.</summary>
    public string[] Backings { get; private init; } = [];

    /// <summary>Commands in flight.</summary>
    public int[] Depths { get; private init; } = [];

    /// <summary>Bytes of a command, a multiple of 512.</summary>
    public int Size { get; private init; }

    /// <summary>Writes instead of reads.</summary>
    public bool Write { get; private init; }

    /// <summary>Where the file of the file store is made.</summary>
    public string FilePath { get; private init; } = "";

    /// <summary>Reads the command line.</summary>
    public static NvmeBenchOptions Parse(BenchWords words)
    {
        var options = new NvmeBenchOptions
        {
            Json = words.Flag("--json"),
            Seconds = words.Number("--seconds", 1, BenchOptions.LeastSeconds),
            WarmUpSeconds = words.Number("--warm-up", 1.5, least: 0),
            Runs = words.Number("--runs", 3, least: 1),
            Backings = words.Some("--backing", "null", "memory", "file"),
            Depths = words.Numbers("--depths", [1, 4, 32, 128], least: 1, most: int.MaxValue),
            Size = words.Number("--size", 4096, least: SectorSize),
            Write = words.Flag("--write"),
            FilePath = words.Text("--file", Path.Combine(Path.GetTempPath(), $"softiov-bench-{Environment.ProcessId}.img")),
        };
        return options.Size % SectorSize == 0 ? options : throw new UsageException($"--size {options.Size} is no multiple of {SectorSize}");
    }
}
