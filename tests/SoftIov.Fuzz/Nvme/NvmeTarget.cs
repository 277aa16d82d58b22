namespace SoftIov.Fuzz.Nvme;

/// <summary>The NVMe controller of a VF: its driver does what it likes, a neighbour notices nothing, and a reset heals everything.</summary>
internal sealed class NvmeTarget : IFuzzTarget
{
    private long _runs;
    private long _commands;
    private long _fatal;

    public string Name => "nvme";

    public string Summary =>
        $"{Done} commands done, {Refused} refused, of {_commands} taken; {_fatal} of {_runs} runs were fatal to their controller";

    /// <summary>Commands that ended well.</summary>
    public long Done { get; private set; }

    /// <summary>Commands that did not.</summary>
    public long Refused { get; private set; }

    public string Generate(int seed) => string.Join('\n', new NvmeGenerator(seed).Generate()) + '\n';

    public string? Run(string input)
    {
        List<NvmeStep> steps = NvmeStep.Parse(input);
        bool isFile = steps.Exists(step => step is { Kind: NvmeStepKind.On, Value: not 0 });
        using NvmeBench bench = new(isFile);
        NvmeRunner runner = new(bench);
        try
        {
            return runner.Run(steps);
        }
        catch (Exception broken)
        {
            return broken.ToString();
        }
        finally
        {
            _runs++;
            _fatal += bench.Counters.FatalErrors > 0 ? 1 : 0;
            _commands += bench.Counters.AdminCommands + bench.Counters.Reads + bench.Counters.Writes + bench.Counters.Flushes
                + bench.Counters.OtherCommands + bench.Counters.Errors;
            Done += runner.Taken.Done;
            Refused += runner.Taken.Refused;
        }
    }

    public void Dispose()
    {
    }
}
