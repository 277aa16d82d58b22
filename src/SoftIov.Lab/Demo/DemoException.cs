namespace SoftIov.Lab.Demo;

/// <summary>Something the demo shows did not hold, or it cannot go on: why, and where known what to do about it.</summary>
public sealed class DemoException : Exception
{
    /// <summary>With a sentence for people.</summary>
    public DemoException(string message, string? fix = null, Exception? inner = null)
        : base(message, inner) => Fix = fix;

    /// <summary>What to do about it; null when nobody knows.</summary>
    public string? Fix { get; }

    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    internal static void Unless(bool holds, string message)
    {
        if (!holds)
            throw new DemoException(message);
    }
}
