using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace SoftIov.Api;

/// <content>The methods by name.</content>
public sealed partial class ControlClient
{
    /// <summary>Who answers.</summary>
    public Task<VersionResult> GetVersionAsync(CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Version, new EmptyRequest(), cancellationToken);

    /// <summary>Replaces desired state, or plans it.</summary>
    public Task<ApplyResult> ApplyAsync(ApplyRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Apply, request, cancellationToken);

    /// <summary>Changes keys of one adapter or VF.</summary>
    public Task<ApplyResult> SetAsync(SetRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Set, request, cancellationToken);

    /// <summary>Makes, deletes, attaches or detaches a namespace of an nvme adapter.</summary>
    public Task<ApplyResult> NamespaceAsync(NamespaceRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Namespace, request, cancellationToken);

    /// <summary>Current state of all, an adapter or a function.</summary>
    public Task<GetResult> GetAsync(string? target = null, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Get, new GetRequest(target), cancellationToken);

    /// <summary>Desired state as the daemon keeps it.</summary>
    public Task<DesiredState> GetDesiredAsync(CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Desired, new EmptyRequest(), cancellationToken);

    /// <summary>Everything about one target.</summary>
    public Task<DescribeResult> DescribeAsync(string target, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Describe, new DescribeRequest(target), cancellationToken);

    /// <summary>Configuration space of all that <paramref name="target"/> names, as text that <c>lspci -F</c> reads.</summary>
    public async Task<string> LspciAsync(string target, FunctionView view, CancellationToken cancellationToken = default)
    {
        StringBuilder text = new();
        for (int? next = 0; next is { } from;)
        {
            LspciResult one = await CallAsync(ControlMethods.Lspci, new LspciRequest(target, view, from), cancellationToken).ConfigureAwait(false);
            text.Append(one.Text);
            next = one.Next;
        }

        return text.ToString();
    }

    /// <summary>Injects a fault, ends what was injected, or lists it.</summary>
    public Task<InjectResult> InjectAsync(InjectRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Inject, request, cancellationToken);

    /// <summary>Counters of all functions.</summary>
    public Task<StatsResult> GetStatsAsync(CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Stats, new EmptyRequest(), cancellationToken);

    /// <summary>Stops the daemon.</summary>
    public Task ShutdownAsync(CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Shutdown, new EmptyRequest(), cancellationToken);

    /// <summary>
    /// Gets what a VMM needs; with <see cref="AttachRequest.Qmp"/> also hot-plugs the function into that QEMU, from this process: the
    /// caller
    /// has the rights to the monitor, and a monitor that hangs does not hang the daemon.
    /// </summary>
    public async Task<AttachResult> AttachAsync(AttachRequest request, CancellationToken cancellationToken = default)
    {
        if (request.Qmp is null)
        {
            return await CallAsync(ControlMethods.Attach, request, cancellationToken).ConfigureAwait(false);
        }

        // The monitor first: when there is none, nothing has been changed yet.
        await using QmpConnection qmp = await QmpConnection.ConnectAsync(request.Qmp, cancellationToken).ConfigureAwait(false);
        bool becomesWhole = request.Whole && await IsServedSinglyAsync(request.Target, cancellationToken).ConfigureAwait(false);
        AttachResult attached = await CallAsync(ControlMethods.Attach, request, cancellationToken).ConfigureAwait(false);
        try
        {
            (string bus, IReadOnlyList<string> warnings) = attached.Rings is { } rings
                ? await QemuHotPlug.AddAsync(qmp, attached.DeviceId, rings, cancellationToken).ConfigureAwait(false)
                : await QemuHotPlug.AddAsync(qmp, attached.DeviceId, attached.Socket, attached.Bars ?? [], cancellationToken).ConfigureAwait(false);
            return attached with { Bus = bus, Warnings = [.. attached.Warnings ?? [], .. warnings] };
        }
        catch (ControlException) when (becomesWhole)
        {
            await ServeSinglyAsync(request.Target).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>After a plug that failed; when somebody has the adapter nevertheless, it stays whole.</summary>
    private async Task ServeSinglyAsync(string adapter)
    {
        try
        {
            await CallAsync(ControlMethods.Detach, new DetachRequest(adapter), CancellationToken.None).ConfigureAwait(false);
        }
        catch (ControlException)
        {
            // What is to be reported is why the plug failed.
        }
    }

    private async Task<bool> IsServedSinglyAsync(string adapter, CancellationToken cancellationToken)
    {
        GetResult found = await GetAsync(adapter, cancellationToken).ConfigureAwait(false);
        return found.Adapters[0].WholeSocket is null;
    }

    /// <summary>
    /// Checks that the function may go, unplugs it from the QEMU that has it, and ends its lease. With force the lease ends even when QEMU
    /// does not let go; the warnings say so.
    /// </summary>
    public async Task<DetachResult> DetachAsync(DetachRequest request, CancellationToken cancellationToken = default)
    {
        DetachRequest prepare = request with { Prepare = true };
        DetachResult place = await CallAsync(ControlMethods.Detach, prepare, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string>? warnings = null;
        bool unplugged = false;
        if (place.Qmp is { } path && (place.WasAttached || request.Qmp is not null))
        {
            try
            {
                await using QmpConnection qmp = await QmpConnection.ConnectAsync(path, cancellationToken).ConfigureAwait(false);
                await QemuHotPlug.RemoveAsync(qmp, place.DeviceId, cancellationToken).ConfigureAwait(false);
                if (place.By == TransportName.VhostUser)
                {
                    await QemuHotPlug.RemoveBackEndAsync(qmp, place.DeviceId, cancellationToken).ConfigureAwait(false);
                }

                unplugged = true;
            }
            catch (ControlException error) when (request.Force && error.Code == ControlErrorCode.Qemu)
            {
                warnings = [error.Message];
            }
        }

        DetachRequest end = request with { Force = request.Force || unplugged };
        DetachResult detached = await CallAsync(ControlMethods.Detach, end, cancellationToken).ConfigureAwait(false);
        return detached with { WasAttached = place.WasAttached, Warnings = warnings };
    }

    /// <summary>The keys that set takes for a target; without one those of net adapters.</summary>
    public Task<SettingsResult> GetSettingsAsync(string? target = null, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.Settings, new SettingsRequest(target), cancellationToken);

    /// <summary>Events that the daemon still remembers, oldest first.</summary>
    public Task<EventsResult> GetEventsAsync(EventsRequest request, CancellationToken cancellationToken = default) =>
        CallAsync(ControlMethods.EventsLast, request, cancellationToken);

    /// <summary>Events from now on, until cancelled. One enumeration at a time.</summary>
    public async IAsyncEnumerable<DaemonEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<DaemonEvent> events = await SubscribeAsync(cancellationToken).ConfigureAwait(false);
        await foreach (DaemonEvent one in events.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return one;
        }
    }

    /// <summary>The same, but on return no event will be missed, whenever the enumeration begins.</summary>
    public async Task<IAsyncEnumerable<DaemonEvent>> SubscribeAsync(CancellationToken cancellationToken = default)
    {
        await CallAsync(ControlMethods.EventsSubscribe, new EmptyRequest(), cancellationToken).ConfigureAwait(false);
        return _events.Reader.ReadAllAsync(cancellationToken);
    }

    /// <summary>
    /// Pieces of a pcap file, the header first, until <paramref name="cancellationToken"/> ends the capture: then the pieces already
    /// captured still come, and the enumeration ends without an exception.
    /// </summary>
    public async IAsyncEnumerable<CaptureChunk> CaptureAsync(
        CaptureRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IAsyncEnumerable<CaptureChunk> chunks = await StartCaptureAsync(request, cancellationToken).ConfigureAwait(false);
        await foreach (CaptureChunk chunk in chunks.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return chunk;
        }
    }

    /// <summary>The same, but on return frames are recorded already. Cancel the enumeration, of which there is one, to end the capture.</summary>
    public async Task<IAsyncEnumerable<CaptureChunk>> StartCaptureAsync(CaptureRequest request, CancellationToken cancellationToken = default)
    {
        CaptureResult started = await CallAsync(ControlMethods.CaptureStart, request, cancellationToken).ConfigureAwait(false);
        return ReadCaptureAsync(started.Capture, CancellationToken.None);
    }

    private async IAsyncEnumerable<CaptureChunk> ReadCaptureAsync(int capture, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<CaptureChunk> channel = CaptureChannel(capture);
        await using CancellationTokenRegistration stop = cancellationToken.Register(() => _ = StopCaptureAsync(capture, channel));
        await foreach (CaptureChunk chunk in channel.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            yield return chunk;
        }
    }

    private async Task StopCaptureAsync(int capture, Channel<CaptureChunk> channel)
    {
        try
        {
            await CallAsync(ControlMethods.CaptureStop, new CaptureStopRequest(capture)).ConfigureAwait(false);
            channel.Writer.TryComplete();
        }
        catch (ControlException error)
        {
            channel.Writer.TryComplete(error);
        }

        _captures.TryRemove(capture, out _);
    }
}
