using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SoftIov.Lab.Demo;
using SoftIov.Lab.TestBed;

namespace SoftIov.Lab.Guests;

/// <summary>
/// A guest with built-in drivers, in a process of its own so that it can be killed as a VMM can: <see cref="GuestProgram"/>, told what
/// to do by lines on its standard streams.
/// </summary>
internal sealed class InProcessGuest : IDemoGuest
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private InProcessGuest(string name, Process process)
    {
        Name = name;
        _process = process;
        process.ErrorDataReceived += OnError;
        process.BeginErrorReadLine();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int ProcessId => _process.Id;

    /// <inheritdoc/>
    public string? QmpSocket => null;

    /// <summary>Starts one with its first function.</summary>
    public static async Task<InProcessGuest> StartAsync(DemoPrograms programs, GuestPlan plan, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = programs.Start(DemoPrograms.CommandLine, GuestProgram.Command);
        var guest = new InProcessGuest(plan.Name, await ChildProcess.StartAsync(start).ConfigureAwait(false));
        try
        {
            await guest.PlugAsync(plan.Socket, plan.Addresses, cancellationToken).ConfigureAwait(false);
            return guest;
        }
        catch
        {
            await guest.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> LspciAsync(CancellationToken cancellationToken) =>
        (await AskAsync(new GuestRequest { Verb = GuestRequest.List }, cancellationToken).ConfigureAwait(false)).Functions;

    /// <inheritdoc/>
    public async Task<string?> DriverAsync(CancellationToken cancellationToken) =>
        (await LspciAsync(cancellationToken).ConfigureAwait(false)).Count > 0 ? "built-in virtio-net" : null;

    /// <inheritdoc/>
    public Task TakeFunctionAsync(string socket, string address, CancellationToken cancellationToken) =>
        PlugAsync(socket, [address], cancellationToken);

    /// <inheritdoc/>
    public async Task<PingResult> PingAsync(string peer, int count, bool isPatient, CancellationToken cancellationToken)
    {
        GuestRequest request = new() { Verb = GuestRequest.Ping, Peer = peer, Count = count, Milliseconds = isPatient ? 10_000 : 200 };
        GuestReply reply = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        return reply.Pings ?? throw NoAnswer(request);
    }

    /// <inheritdoc/>
    public async Task<StreamResult> StreamAsync(string peer, TimeSpan duration, CancellationToken cancellationToken)
    {
        GuestRequest request = new() { Verb = GuestRequest.Stream, Peer = peer, Milliseconds = (int)duration.TotalMilliseconds };
        GuestReply reply = await AskAsync(request, cancellationToken).ConfigureAwait(false);
        return reply.Stream ?? throw NoAnswer(request);
    }

    /// <inheritdoc/>
    public Task SpoofAsync(string peer, string source, int frames, CancellationToken cancellationToken) =>
        AskAsync(new GuestRequest { Verb = GuestRequest.Spoof, Peer = peer, Source = source, Count = frames }, cancellationToken);

    /// <inheritdoc/>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public Task<string> DescribeAsync()
    {
        lock (_errors)
            return Task.FromResult($"--- guest {Name}, process {_process.Id}\n{_errors}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(EndTimeout);
            try
            {
                await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private Task<GuestReply> PlugAsync(string socket, IReadOnlyList<string> addresses, CancellationToken cancellationToken) =>
        AskAsync(new GuestRequest { Verb = GuestRequest.Plug, Socket = socket, Addresses = addresses }, cancellationToken);

    private async Task<GuestReply> AskAsync(GuestRequest request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        string? line;
        try
        {
            string text = JsonSerializer.Serialize(request, GuestJson.Default.GuestRequest);
            await _process.StandardInput.WriteLineAsync(text.AsMemory(), limit.Token).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync(limit.Token).ConfigureAwait(false);
            line = await _process.StandardOutput.ReadLineAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DemoException($"guest {Name} did not answer for {AnswerTimeout.TotalSeconds} s ({request.Verb})");
        }
        catch (IOException)
        {
            throw Ended(request); // nobody reads what it is told
        }

        if (line is null)
            throw Ended(request);
        GuestReply reply = JsonSerializer.Deserialize(line, GuestJson.Default.GuestReply) ?? throw NoAnswer(request);
        return reply.Error is { } error ? throw new DemoException($"guest {Name}, {request.Verb}: {error}") : reply;
    }

    private DemoException Ended(GuestRequest request)
    {
        lock (_errors)
            return new DemoException($"guest {Name} ended before it answered ({request.Verb}): {_errors}".TrimEnd(' ', ':', '\n'));
    }

    private DemoException NoAnswer(GuestRequest request) => new($"guest {Name} gave no answer to {request.Verb}");

    private void OnError(object sender, DataReceivedEventArgs line)
    {
        lock (_errors)
            _errors.Append(line.Data).Append('\n');
    }
}
