namespace SoftIov.Lab.TestBed;

/// <summary>The test bed cannot be made ready, or a virtual machine of it does not do what was asked.</summary>
public sealed class BedException : Exception
{
    /// <summary>Says what failed and, where known, what the user can do about it.</summary>
    public BedException(string message, string? fix = null, Exception? inner = null)
        : base(fix is null ? message : $"{message}; {fix}", inner)
    {
    }
}
