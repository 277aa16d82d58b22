namespace SoftIov.Lab.Guests;

/// <summary>What came of some pings.</summary>
/// <param name="Sent">Requests.</param>
/// <param name="Received">Answers.</param>
/// <param name="RoundTripMilliseconds">Mean time to an answer; 0 when there was none.</param>
internal sealed record PingResult(int Sent, int Received, double RoundTripMilliseconds)
{
    /// <summary>Requests without an answer, 0 to 100.</summary>
    public double LossPercent => Sent == 0 ? 0 : 100.0 * (Sent - Received) / Sent;
}
