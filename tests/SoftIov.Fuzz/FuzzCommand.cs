using System.Globalization;
using SoftIov.Fuzz.Daemon;
using SoftIov.Fuzz.Nvme;
using SoftIov.Fuzz.VfioUser;
using SoftIov.Fuzz.VhostUser;

namespace SoftIov.Fuzz;

/// <summary>The command line: fuzz for a while, or feed files in again.</summary>
internal static class FuzzCommand
{
    private const string Usage = """
        usage: dotnet run --project tests/SoftIov.Fuzz -- TARGET [--seconds N] [--seed N] [--save FOLDER]
               dotnet run --project tests/SoftIov.Fuzz -- TARGET --show SEED
               dotnet run --project tests/SoftIov.Fuzz -- TARGET FILE...
        TARGET is vfio-user, vhost-user, nvme, control or configuration.
        Input that fails is saved to FOLDER (tests/SoftIov.Fuzz/Corpus/TARGET unless told otherwise), where the tests replay it from.
        """;

    /// <summary>Exit code 0: all went well; 1: some input failed; 2: the command line was not understood.</summary>
    public static int Run(string[] args)
    {
        if (args is not [string name, .. string[] options])
            return Fail();
        using IFuzzTarget? target = TargetOf(name);
        if (target is null)
            return Fail();
        if (options is ["--show", string shown])
        {
            Console.Write(target.Generate(int.Parse(shown, CultureInfo.InvariantCulture)));
            return 0;
        }

        if (options.Length > 0 && !options[0].StartsWith('-'))
            return Replay(target, options);
        int seconds = 60;
        int seed = Random.Shared.Next();
        string folder = Path.Combine("tests", "SoftIov.Fuzz", "Corpus", target.Name);
        for (int i = 0; i < options.Length; i += 2)
        {
            string? value = i + 1 < options.Length ? options[i + 1] : null;
            if (options[i] == "--save" && value is not null)
                folder = value;
            else if (options[i] == "--seconds" && int.TryParse(value, CultureInfo.InvariantCulture, out int number))
                seconds = number;
            else if (options[i] == "--seed" && int.TryParse(value, CultureInfo.InvariantCulture, out number))
                seed = number;
            else
                return Fail();
        }

        return Fuzz(target, TimeSpan.FromSeconds(seconds), seed, folder);
    }

    private static IFuzzTarget? TargetOf(string name) => name switch
    {
        "vfio-user" => new VfioUserTarget(),
        "nvme" => new NvmeTarget(),
        "vhost-user" => new VhostUserTarget(),
        "control" => new ControlTarget(),
        "configuration" => new ConfigurationTarget(),
        _ => null,
    };

    private static int Fuzz(IFuzzTarget target, TimeSpan time, int seed, string folder)
    {
        long start = Environment.TickCount64;
        int runs = 0;
        int failures = 0;
        Directory.CreateDirectory(folder);

        // What takes the whole process down is found here afterwards.
        string running = Path.Combine(folder, "running.txt");
        for (; Environment.TickCount64 - start < time.TotalMilliseconds; runs++, seed++)
        {
            string input = target.Generate(seed);
            File.WriteAllText(running, $"# seed {seed}\n{input}");
            if (target.Run(input) is not { } failure)
                continue;
            failures++;
            string path = Path.Combine(folder, $"seed-{seed}.txt");
            File.WriteAllText(path, $"# {failure.ReplaceLineEndings(" ")}\n{input}");
            Console.WriteLine($"{path}: {failure}");
        }

        File.Delete(running);
        Console.WriteLine($"{runs} runs, {failures} failures, up to seed {seed - 1}; {target.Summary}");
        return failures == 0 ? 0 : 1;
    }

    private static int Replay(IFuzzTarget target, string[] paths)
    {
        int failures = 0;
        foreach (string path in paths)
        {
            string? failure = target.Run(File.ReadAllText(path));
            Console.WriteLine($"{path}: {failure ?? "passed"}");
            failures += failure is null ? 0 : 1;
        }

        return failures == 0 ? 0 : 1;
    }

    private static int Fail()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
