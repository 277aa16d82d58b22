namespace SoftIov.Benchmarks.Nvme;

/// <summary>What <c>bench nvme</c> was asked for.</summary>
internal sealed record NvmeBenchOptions
{
    /// <summary>For the usage line.</summary>
    public const string Usage =
        "[--json] [--seconds N] [--warm-up N] [--runs N] [--backing null,memory,file] [--depths 1,4,32,128] [--size BYTES] [--write] [--file PATH]";

    /// <summary>The table as one line of JSON, last.</summary>
    public bool Json { get; private set; }

    /// <summary>How long one run counts.</summary>
    public double Seconds { get; private set; } = 1;

    /// <summary>Until the runtime has compiled the loops for good.</summary>
    public double WarmUpSeconds { get; private set; } = 1.5;

    /// <summary>Runs of each figure; the median is shown.</summary>
    public int Runs { get; private set; } = 3;

    /// <summary>Stores to measure: null, memory, file.</summary>
    public string[] Backings { get; private set; } = ["null", "memory", "file"];

    /// <summary>Commands in flight.</summary>
    public int[] Depths { get; private set; } = [1, 4, 32, 128];

    /// <summary>Bytes of a command, a multiple of 512.</summary>
    public int Size { get; private set; } = 4096;

    /// <summary>Writes instead of reads.</summary>
    public bool Write { get; private set; }

    /// <summary>Where the file of the file store is made.</summary>
    public string FilePath { get; private set; } = Path.Combine(Path.GetTempPath(), $"softiov-bench-{Environment.ProcessId}.img");

    /// <summary>Reads the command line.</summary>
    public static bool TryParse(string[] arguments, out NvmeBenchOptions options)
    {
        options = new NvmeBenchOptions();
        try
        {
            for (int i = 0; i < arguments.Length; i++)
            {
                switch (arguments[i])
                {
                    case "--json":
                        options.Json = true;
                        break;
                    case "--write":
                        options.Write = true;
                        break;
                    case "--seconds":
                        options.Seconds = double.Parse(arguments[++i]);
                        break;
                    case "--warm-up":
                        options.WarmUpSeconds = double.Parse(arguments[++i]);
                        break;
                    case "--runs":
                        options.Runs = int.Parse(arguments[++i]);
                        break;
                    case "--backing":
                        options.Backings = arguments[++i].Split(',');
                        break;
                    case "--depths":
                        options.Depths = Array.ConvertAll(arguments[++i].Split(','), int.Parse);
                        break;
                    case "--size":
                        options.Size = int.Parse(arguments[++i]);
                        break;
                    case "--file":
                        options.FilePath = arguments[++i];
                        break;
                    default:
                        return false;
                }
            }
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or IndexOutOfRangeException)
        {
            return false;
        }

        return options.Runs > 0 && options.Seconds > 0 && options.Size > 0 && options.Size % 512 == 0
            && Array.TrueForAll(options.Backings, backing => backing is "null" or "memory" or "file");
    }
}
