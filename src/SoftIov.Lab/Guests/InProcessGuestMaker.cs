using SoftIov.Lab.Demo;

namespace SoftIov.Lab.Guests;

/// <summary>Makes guests with built-in drivers; needs nothing but SoftIov itself.</summary>
internal sealed class InProcessGuestMaker(DemoPrograms programs) : IGuestMaker
{
    /// <inheritdoc/>
    public string Kind => "in-process";

    /// <inheritdoc/>
    public DemoTimes Times { get; init; } =
        new(Stream: TimeSpan.FromSeconds(1), Settle: TimeSpan.FromSeconds(1), Idle: TimeSpan.FromSeconds(2));

    /// <inheritdoc/>
    public Task<string> PrepareAsync(Action<string> report, CancellationToken cancellationToken) =>
        Task.FromResult("built-in drivers, a process each");

    /// <inheritdoc/>
    public async Task<IDemoGuest> BootAsync(GuestPlan plan, CancellationToken cancellationToken) =>
        await InProcessGuest.StartAsync(programs, plan, cancellationToken).ConfigureAwait(false);
}
