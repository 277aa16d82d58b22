namespace SoftIov.Lab.Guests;

/// <summary>What a stream moved.</summary>
/// <param name="Bytes">Payload that the peer acknowledged.</param>
/// <param name="Elapsed">In that time.</param>
internal sealed record StreamResult(long Bytes, TimeSpan Elapsed)
{
    /// <summary>Mbit/s of payload.</summary>
    public double MegabitsPerSecond => Elapsed > TimeSpan.Zero ? Bytes * 8 / 1e6 / Elapsed.TotalSeconds : 0;
}
