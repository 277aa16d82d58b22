namespace SoftIov.Lab.Demo;

/// <summary>How to run the demo.</summary>
public sealed record DemoOptions
{
    /// <summary>The story.</summary>
    public DemoKind Kind { get; init; } = DemoKind.Net;

    /// <summary>What the guests of <see cref="DemoKind.Net"/> are; the others have virtual machines.</summary>
    public GuestKind Guests { get; init; } = GuestKind.Qemu;

    /// <summary>
    /// Prints the summary as one line of JSON on <see cref="Output"/>, where it stays alone; everything else goes to <see cref="Error"/>.
    /// </summary>
    public bool Json { get; init; }

    /// <summary>Standard output.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person looks at the progress on a terminal: a line may be written over.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether colours are wanted.</summary>
    public bool HasColor { get; init; }

    /// <summary>Folder of the programs <c>softiov</c> and <c>softiovd</c>.</summary>
    public string Programs { get; init; } = AppContext.BaseDirectory;
}
