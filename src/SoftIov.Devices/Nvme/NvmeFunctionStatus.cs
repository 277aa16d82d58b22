namespace SoftIov.Devices.Nvme;

/// <summary>What a controller and its driver agreed on, at one moment.</summary>
public sealed record NvmeFunctionStatus
{
    /// <summary>CNTLID.</summary>
    public required ushort ControllerId { get; init; }

    /// <summary>CC.</summary>
    public required uint Configuration { get; init; }

    /// <summary>CSTS, without what being offline adds.</summary>
    public required uint ControllerStatus { get; init; }

    /// <summary>False for a secondary controller that nobody brought online.</summary>
    public required bool IsOnline { get; init; }

    /// <summary>Commands are taken.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Nothing but a reset helps.</summary>
    public required bool IsFatal { get; init; }

    /// <summary>I/O submission queues that the driver created.</summary>
    public required int IoQueues { get; init; }

    /// <summary>The driver uses shadow doorbells.</summary>
    public required bool UsesShadowDoorbells { get; init; }
}
