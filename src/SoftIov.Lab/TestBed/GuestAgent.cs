using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// The host's end of a guest's command channel, a serial port: lines "RUN ID BASE64" down, "READY BOOT RELEASE" and
/// "DONE ID EXITCODE BASE64" up. Commands run beside each other. A guest that boots again fails the commands it had.
/// </summary>
internal sealed class GuestAgent : IDisposable
{
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<GuestResult>> _pending = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource<string> _ready = NewReady();
    private NetworkStream? _stream;
    private int _lastId;

    /// <summary>Listens at <paramref name="path"/>, to which the VMM connects the port before the guest's first instruction.</summary>
    public GuestAgent(string path)
    {
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
        _ = ServeAsync();
    }

    /// <summary>Completes with the kernel's release when the guest has booted; after <see cref="ExpectBoot"/>, again.</summary>
    public Task<string> Ready => Volatile.Read(ref _ready).Task;

    /// <summary>Makes <see cref="Ready"/> wait for the next boot; call before causing it.</summary>
    public void ExpectBoot() => Volatile.Write(ref _ready, NewReady());

    /// <summary>Runs a shell command; a guest that ends or reboots under it is a <see cref="BedException"/>.</summary>
    public async Task<GuestResult> RunAsync(string command, CancellationToken cancellationToken)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<GuestResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            string encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(command));
            await SendAsync($"RUN {id} {encoded}\n", cancellationToken).ConfigureAwait(false);
            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stream?.Dispose();
        Fail("the virtual machine has ended");
    }

    private static TaskCompletionSource<string> NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendAsync(string line, CancellationToken cancellationToken)
    {
        NetworkStream stream = _stream ?? throw new BedException("the virtual machine has not started");
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            throw new BedException("the virtual machine has ended", null, error);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            Socket socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            _stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(_stream, Encoding.ASCII);
            while (await reader.ReadLineAsync(_stop.Token).ConfigureAwait(false) is { } line)
            {
                Take(line.Split(' '));
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The VMM is gone, which Fail tells everyone who waits.
        }

        Fail("the virtual machine has ended");
    }

    // Anything else on the port is noise of a firmware or a kernel that starts.
    private void Take(string[] words)
    {
        if (words is ["READY", _, var release])
        {
            Fail("the guest has booted again", readyToo: false);
            Volatile.Read(ref _ready).TrySetResult(release);
        }
        else if (words is ["DONE", var id, var code, var output] && int.TryParse(id, CultureInfo.InvariantCulture, out int number) &&
            int.TryParse(code, CultureInfo.InvariantCulture, out int exitCode) && Base64.IsValid(output) &&
            _pending.TryGetValue(number, out TaskCompletionSource<GuestResult>? answer))
        {
            answer.TrySetResult(new GuestResult(exitCode, Encoding.UTF8.GetString(Convert.FromBase64String(output))));
        }
    }

    private void Fail(string why, bool readyToo = true)
    {
        foreach (TaskCompletionSource<GuestResult> answer in _pending.Values)
        {
            answer.TrySetException(new BedException(why));
        }

        if (readyToo)
        {
            TaskCompletionSource<string> ready = Volatile.Read(ref _ready);
            ready.TrySetException(new BedException(why));
            _ = ready.Task.Exception; // observed here: nobody may be waiting
        }
    }
}
