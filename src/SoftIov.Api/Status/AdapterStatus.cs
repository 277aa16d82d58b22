using System.Text.Json.Serialization;

namespace SoftIov.Api;

/// <summary>One adapter as it is: what all personalities have.</summary>
[JsonConverter(typeof(AdapterStatusConverter))]
public abstract record AdapterStatus
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>What its functions are.</summary>
    public abstract Personality Personality { get; }

    /// <summary>TotalVFs of the SR-IOV capability.</summary>
    public required int TotalVfs { get; init; }

    /// <summary>Enabled VFs.</summary>
    public required int NumVfs { get; init; }

    /// <summary>Queue pairs of every function.</summary>
    public required int QueuePairs { get; init; }

    /// <summary>Socket that serves the adapter whole; null when its functions are served singly.</summary>
    public string? WholeSocket { get; init; }

    /// <summary>Who has the adapter whole; null when nobody has.</summary>
    public AttachmentStatus? Whole { get; init; }

    /// <summary>Why it does not work as wanted; null when it does.</summary>
    public string? Problem { get; init; }

    /// <summary>The PF and the enabled VFs, PF first.</summary>
    public required IReadOnlyList<FunctionStatus> Functions { get; init; }
}
