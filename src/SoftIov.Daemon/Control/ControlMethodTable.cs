using System.Reflection;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Hosting;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Control;

/// <summary>Ties the methods of the control protocol to what does them.</summary>
internal sealed class ControlMethodTable(
    Operations operations, Attachments attachments, EventHub events, DaemonSettings settings, TimeProvider time, Action stop)
{
    private const int ProtocolVersion = 1;

    private readonly DateTimeOffset _started = time.GetUtcNow();

    /// <summary>The daemon's version.</summary>
    public static string Version { get; } = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0";

    /// <summary>Serves all methods by <paramref name="dispatcher"/>.</summary>
    public void Register(ControlDispatcher dispatcher)
    {
        dispatcher.On(ControlMethods.Version, _ => new VersionResult(
            Version, ProtocolVersion, Environment.ProcessId, _started, settings.StateDirectory, settings.RuntimeDirectory));
        dispatcher.On(ControlMethods.Apply, operations.Apply);
        dispatcher.On(ControlMethods.Set, operations.Set);
        dispatcher.On(ControlMethods.Namespace, operations.ChangeNamespace);
        dispatcher.On(ControlMethods.Get, operations.Get);
        dispatcher.On(ControlMethods.Desired, _ => operations.Desired);
        dispatcher.On(ControlMethods.Describe, operations.Describe);
        dispatcher.On(ControlMethods.Attach, attachments.Attach);
        dispatcher.On(ControlMethods.Detach, attachments.Detach);
        dispatcher.On(ControlMethods.Lspci, operations.Lspci);
        dispatcher.On(ControlMethods.Inject, operations.Inject);
        dispatcher.On(ControlMethods.Stats, _ => operations.Stats(time.GetUtcNow()));
        dispatcher.On(ControlMethods.CaptureStart, StartCapture);
        dispatcher.On(ControlMethods.CaptureStop, StopCaptureAsync);
        dispatcher.On(ControlMethods.EventsSubscribe, Subscribe);
        dispatcher.On(ControlMethods.EventsLast, LastEvents);
        dispatcher.On(ControlMethods.Settings, Settings);
        dispatcher.On(ControlMethods.Shutdown, Shutdown);
    }

    private ValueTask<CaptureResult> StartCapture(CaptureRequest request, ControlSession session)
    {
        TargetName target = TargetName.Parse(request.Target);
        int number = session.NextNumber();
        CaptureSink sink = (data, dropped) => session.NotifyAsync(
            ControlMethods.CaptureData,
            new CaptureChunk(number, data, dropped),
            ControlJson.Default.CaptureChunk);
        session.Own(number, operations.Use(adapters => adapters.Capture(target, request.SnapLengthBytes, sink)));
        return ValueTask.FromResult(new CaptureResult(number));
    }

    private static async ValueTask<EmptyResult> StopCaptureAsync(CaptureStopRequest request, ControlSession session) =>
        await session.EndAsync(request.Capture).ConfigureAwait(false)
            ? new EmptyResult()
            : throw new ControlException(ControlErrorCode.NotFound, $"there is no capture {request.Capture} on this connection");

    private ValueTask<EmptyResult> Subscribe(EmptyRequest request, ControlSession session)
    {
        session.Own(session.NextNumber(), events.Subscribe(
            one => session.Notify(ControlMethods.Event, one, ControlJson.Default.DaemonEvent)));
        return ValueTask.FromResult(new EmptyResult());
    }

    private EventsResult LastEvents(EventsRequest request)
    {
        string? target = request.Target is { } text ? TargetName.Parse(text).ToString() : null;
        return new EventsResult(events.Last(target, request.AtMost));
    }

    /// <summary>Keys of the personality of the adapter that is named; of a net adapter when there is none.</summary>
    private SettingsResult Settings(SettingsRequest request)
    {
        string? name = request.Target?.Split('/')[0];
        AdapterSpec? adapter = operations.Desired.Adapters.FirstOrDefault(a => a.Name == name);
        PersonalityRules rules = PersonalityRules.Of(adapter?.Personality ?? Personality.Net);
        return new SettingsResult(
            SettingDescriptions.Of(rules.AdapterSettings, rules.UsualAdapter), SettingDescriptions.Of(rules.VfSettings, rules.UsualVf));
    }

    private ValueTask<EmptyResult> Shutdown(EmptyRequest request, ControlSession session)
    {
        session.AfterAnswer = stop;
        return ValueTask.FromResult(new EmptyResult());
    }
}
