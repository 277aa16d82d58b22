using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Pcie;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Tests.Transports;

/// <summary>A server with one socket for an <see cref="EndpointModel"/>, and what happened on it.</summary>
internal sealed class ServedModel : IDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ScratchFolder _folder = new();
    private readonly SemaphoreSlim _detached = new(0);
    private readonly SemaphoreSlim _attached = new(0);

    public ServedModel(VfioUserSettings? settings = null, bool allowUnsealed = false, EndpointModel? endpoint = null)
    {
        Endpoint = endpoint ?? new EndpointModel();
        Server = new VfioUserServer(TimeProvider.System, settings ?? new VfioUserSettings());
        Server.SocketFaulted += (_, broken) => Faults.Enqueue(broken);
        Socket = Serve(Endpoint, "0.sock", allowUnsealed);
        Socket.Attached += _ => _attached.Release();
        Socket.Detached += (_, reason) =>
        {
            Reasons.Enqueue(reason);
            _detached.Release();
        };
    }

    public EndpointModel Endpoint { get; }

    public VfioUserServer Server { get; }

    public VfioUserSocket Socket { get; }

    public System.Collections.Concurrent.ConcurrentQueue<string> Reasons { get; } = new();

    public System.Collections.Concurrent.ConcurrentQueue<Exception> Faults { get; } = new();

    public VfioUserSocket Serve(IEndpoint endpoint, string name, bool allowUnsealed = false) =>
        Server.Serve(endpoint, new VfioUserSocketOptions { Path = _folder.File(name), AllowUnsealedMemory = allowUnsealed });

    /// <summary>A client that agreed on a version.</summary>
    public VfioUserClient Connect(VfioUserClientOptions? options = null) => VfioUserClient.Connect(Socket.Path, options);

    /// <summary>A client that said nothing yet.</summary>
    public VfioUserClient ConnectSilently() => new(UnixStream.Connect(Socket.Path));

    /// <summary>Waits until a session has ended; its reason.</summary>
    public string WaitDetached()
    {
        Xunit.Assert.True(_detached.Wait(Patience));
        Xunit.Assert.True(Reasons.TryDequeue(out string? reason));
        return reason;
    }

    public void WaitAttached() => Xunit.Assert.True(_attached.Wait(Patience));

    public void Dispose()
    {
        Server.Dispose();
        _folder.Dispose();
        Xunit.Assert.Empty(Faults);
    }
}
