namespace SoftIov.Pcie;

/// <summary>The PF driver could not do what it was asked; the adapter is as it was before.</summary>
public sealed class PfDriverException : Exception
{
    /// <summary>An error of kind <paramref name="error"/>.</summary>
    public PfDriverException(PfDriverError error, string message)
        : base(message) => Error = error;

    /// <summary>Which kind.</summary>
    public PfDriverError Error { get; }
}
