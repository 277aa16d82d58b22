namespace SoftIov.Transports.VhostUser;

/// <summary>What a message about translations is for.</summary>
internal enum IotlbKind : byte
{
    /// <summary>The back-end asks for one.</summary>
    Miss = 1,

    /// <summary>The front-end gives one.</summary>
    Update = 2,

    /// <summary>The front-end takes some away.</summary>
    Invalidate = 3,
}
