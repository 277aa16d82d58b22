namespace SoftIov.Linux;

/// <summary>What nobody can do any more to a memory file (fcntl(2), file sealing).</summary>
[Flags]
public enum FileSeals
{
    /// <summary>Nothing is sealed, or the file cannot be sealed.</summary>
    None = 0,

    /// <summary>No more seals may be set.</summary>
    Seal = 1,

    /// <summary>The file cannot shrink: touching a mapping inside its size can never raise SIGBUS for want of file.</summary>
    Shrink = 2,

    /// <summary>The file cannot grow.</summary>
    Grow = 4,

    /// <summary>The content cannot change.</summary>
    Write = 8,
}
