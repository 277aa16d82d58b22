namespace SoftIov.Devices.Nvme;

/// <summary>Where a controller stands between two writes of CC.</summary>
internal enum ControllerPhase
{
    /// <summary>CC.EN is 0, and nothing is under way.</summary>
    Disabled,

    /// <summary>CC.EN was set; what was in flight before should end first.</summary>
    Starting,

    /// <summary>Commands are taken.</summary>
    Ready,

    /// <summary>CC.SHN was set: what is in flight ends, then everything goes to stable media.</summary>
    ShuttingDown,

    /// <summary>CC.SHN was set, and all is done.</summary>
    ShutDown,

    /// <summary>CC.EN was cleared while something was in flight.</summary>
    Stopping,

    /// <summary>CSTS.CFS is set: nothing but a reset helps.</summary>
    Failed,
}
