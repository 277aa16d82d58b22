using SoftIov.Lab.Demo;
using SoftIov.Lab.Guests;

namespace SoftIov.Tests.Lab.Demo;

/// <summary>A guest that hears one ping less than was answered when it sends many.</summary>
internal sealed class DeafGuest(IDemoGuest inner) : IDemoGuest
{
    private const int Many = 10;

    public string Name => inner.Name;

    public int ProcessId => inner.ProcessId;

    public string? QmpSocket => inner.QmpSocket;

    public Task<IReadOnlyList<string>> LspciAsync(CancellationToken cancellationToken) => inner.LspciAsync(cancellationToken);

    public Task<string?> DriverAsync(CancellationToken cancellationToken) => inner.DriverAsync(cancellationToken);

    public Task TakeFunctionAsync(string socket, string address, CancellationToken cancellationToken) =>
        inner.TakeFunctionAsync(socket, address, cancellationToken);

    public async Task<PingResult> PingAsync(string peer, int count, bool isPatient, CancellationToken cancellationToken)
    {
        PingResult heard = await inner.PingAsync(peer, count, isPatient, cancellationToken);
        return count < Many ? heard : heard with { Received = heard.Received - 1 };
    }

    public Task<StreamResult> StreamAsync(string peer, TimeSpan duration, CancellationToken cancellationToken) =>
        inner.StreamAsync(peer, duration, cancellationToken);

    public Task SpoofAsync(string peer, string source, int frames, CancellationToken cancellationToken) =>
        inner.SpoofAsync(peer, source, frames, cancellationToken);

    public void Kill() => inner.Kill();

    public Task<string> DescribeAsync() => inner.DescribeAsync();

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
