namespace SoftIov.Fuzz;

/// <summary>Something that takes input from others, and a way to make such input up.</summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>On the command line, and the folder of its corpus.</summary>
    string Name { get; }

    /// <summary>What all the input came to, in one line: whether it gets far enough to find anything.</summary>
    string Summary { get; }

    /// <summary>Input, as text that a person can read; the same for the same seed.</summary>
    string Generate(int seed);

    /// <summary>Feeds input in. Null when all went as it must; otherwise what did not.</summary>
    string? Run(string input);
}
