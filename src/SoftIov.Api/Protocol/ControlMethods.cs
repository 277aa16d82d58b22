namespace SoftIov.Api;

using static ControlJson;

/// <summary>
/// The methods of the control protocol. Notifications of the daemon have names of their own at the end. Each is made when it is asked for: to
/// make the JSON of all methods for the one that a command calls costs more than the call.
/// </summary>
public static class ControlMethods
{
    /// <summary>Who answers here.</summary>
    public static ControlMethod<EmptyRequest, VersionResult> Version => new("version", Default.EmptyRequest, Default.VersionResult);

    /// <summary>Replaces desired state.</summary>
    public static ControlMethod<ApplyRequest, ApplyResult> Apply => new("apply", Default.ApplyRequest, Default.ApplyResult);

    /// <summary>Changes keys of one adapter or VF.</summary>
    public static ControlMethod<SetRequest, ApplyResult> Set => new("set", Default.SetRequest, Default.ApplyResult);

    /// <summary>Makes, deletes, attaches or detaches a namespace.</summary>
    public static ControlMethod<NamespaceRequest, ApplyResult> Namespace => new("namespace", Default.NamespaceRequest, Default.ApplyResult);

    /// <summary>Current state.</summary>
    public static ControlMethod<GetRequest, GetResult> Get => new("get", Default.GetRequest, Default.GetResult);

    /// <summary>Desired state as the daemon keeps it.</summary>
    public static ControlMethod<EmptyRequest, DesiredState> Desired => new("desired", Default.EmptyRequest, Default.DesiredState);

    /// <summary>Everything about one target.</summary>
    public static ControlMethod<DescribeRequest, DescribeResult> Describe =>
        new("describe", Default.DescribeRequest, Default.DescribeResult);

    /// <summary>Lease of a function, and how to attach it.</summary>
    public static ControlMethod<AttachRequest, AttachResult> Attach => new("attach", Default.AttachRequest, Default.AttachResult);

    /// <summary>Checks whether a function may be detached, or ends its attachment.</summary>
    public static ControlMethod<DetachRequest, DetachResult> Detach => new("detach", Default.DetachRequest, Default.DetachResult);

    /// <summary>Configuration space as text.</summary>
    public static ControlMethod<LspciRequest, LspciResult> Lspci => new("lspci", Default.LspciRequest, Default.LspciResult);

    /// <summary>Injects faults, ends and lists them.</summary>
    public static ControlMethod<InjectRequest, InjectResult> Inject => new("inject", Default.InjectRequest, Default.InjectResult);

    /// <summary>All counters.</summary>
    public static ControlMethod<EmptyRequest, StatsResult> Stats => new("stats", Default.EmptyRequest, Default.StatsResult);

    /// <summary>Starts a capture; <see cref="CaptureData"/> follows.</summary>
    public static ControlMethod<CaptureRequest, CaptureResult> CaptureStart =>
        new("capture.start", Default.CaptureRequest, Default.CaptureResult);

    /// <summary>Ends a capture; the last <see cref="CaptureData"/> comes before the result.</summary>
    public static ControlMethod<CaptureStopRequest, EmptyResult> CaptureStop =>
        new("capture.stop", Default.CaptureStopRequest, Default.EmptyResult);

    /// <summary>Subscribes this connection to <see cref="Event"/>.</summary>
    public static ControlMethod<EmptyRequest, EmptyResult> EventsSubscribe =>
        new("events.subscribe", Default.EmptyRequest, Default.EmptyResult);

    /// <summary>Events that happened before.</summary>
    public static ControlMethod<EventsRequest, EventsResult> EventsLast =>
        new("events.last", Default.EventsRequest, Default.EventsResult);

    /// <summary>The keys that <see cref="Set"/> takes.</summary>
    public static ControlMethod<SettingsRequest, SettingsResult> Settings =>
        new("settings", Default.SettingsRequest, Default.SettingsResult);

    /// <summary>Stops the daemon; guests keep running without their devices.</summary>
    public static ControlMethod<EmptyRequest, EmptyResult> Shutdown => new("shutdown", Default.EmptyRequest, Default.EmptyResult);

    /// <summary>Notification with a <see cref="DaemonEvent"/>.</summary>
    public const string Event = "event";

    /// <summary>Notification with a <see cref="CaptureChunk"/>.</summary>
    public const string CaptureData = "capture.data";
}
