namespace SoftIov.Transports.VfioUser;

/// <summary>How reading ahead of the loop went.</summary>
internal enum PumpResult
{
    /// <summary>Everything that was there is read.</summary>
    Going,

    /// <summary>No room: the loop must take commands first.</summary>
    Full,

    /// <summary>Nothing will come any more.</summary>
    Ended,
}
