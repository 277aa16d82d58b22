using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>One function as it is: what all personalities have.</summary>
[JsonConverter(typeof(FunctionStatusConverter))]
public abstract record FunctionStatus
{
    /// <summary>What it is; not in the JSON when it is net.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public abstract Personality Personality { get; }

    /// <summary>How commands name it: <c>net0/pf</c> or <c>net0/3</c>.</summary>
    public required string Target { get; init; }

    /// <summary>VF number from 0; null for the PF.</summary>
    public int? Vf { get; init; }

    /// <summary>Routing id on the adapter's own bus, as lspci prints it.</summary>
    public required string RoutingId { get; init; }

    /// <summary>Socket that serves it by vfio-user; null when it is not served.</summary>
    public string? Socket { get; init; }

    /// <summary>Who is attached; null when nobody is.</summary>
    public AttachmentStatus? Attachment { get; init; }

    /// <summary>How far the guest's driver came, in the words of the personality; <c>none</c> without one.</summary>
    public required string Driver { get; init; }

    /// <summary>Linux's name of a guest driver for it.</summary>
    [JsonIgnore]
    public abstract string GuestDriver { get; }

    /// <summary>The guest's driver works with it, or has failed: nothing more will come.</summary>
    [JsonIgnore]
    public abstract bool IsDriverDone { get; }

    /// <summary>What it did so far.</summary>
    [JsonIgnore]
    public abstract FunctionCounters Work { get; }

    /// <summary>The same, as if it had done nothing: what is left is its state.</summary>
    public abstract FunctionStatus WithoutWork();
}
