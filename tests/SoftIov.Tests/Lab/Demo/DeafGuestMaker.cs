using SoftIov.Lab.Demo;

namespace SoftIov.Tests.Lab.Demo;

/// <summary>Guests of another maker, which hear one ping less than was answered.</summary>
internal sealed class DeafGuestMaker(IGuestMaker inner) : IGuestMaker
{
    public string Kind => inner.Kind;

    public DemoTimes Times => inner.Times;

    public Task<string> PrepareAsync(Action<string> report, CancellationToken cancellationToken) =>
        inner.PrepareAsync(report, cancellationToken);

    public async Task<IDemoGuest> BootAsync(GuestPlan plan, CancellationToken cancellationToken) =>
        new DeafGuest(await inner.BootAsync(plan, cancellationToken));
}
