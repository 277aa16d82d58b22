namespace SoftIov.Transports.VhostUser;

/// <summary>Protocol feature bits (vhost-user specification, "Protocol features"), those that are known here.</summary>
[Flags]
internal enum ProtocolFeatures : ulong
{
    None = 0,

    /// <summary>Several queue pairs.</summary>
    Mq = 1UL << 0,

    /// <summary>The log of what is written is shared memory.</summary>
    LogShmfd = 1UL << 1,

    /// <summary>SEND_RARP.</summary>
    Rarp = 1UL << 2,

    /// <summary>NET_SET_MTU.</summary>
    NetMtu = 1UL << 4,

    /// <summary>Every message can be answered.</summary>
    ReplyAck = 1UL << 3,

    /// <summary>The back-end asks the front-end, by a channel of its own.</summary>
    BackendReq = 1UL << 5,

    /// <summary>GET_INFLIGHT_FD and SET_INFLIGHT_FD.</summary>
    InflightShmfd = 1UL << 12,

    /// <summary>RESET_DEVICE.</summary>
    ResetDevice = 1UL << 13,

    /// <summary>Memory region by region.</summary>
    ConfigureMemSlots = 1UL << 15,

    /// <summary>SET_STATUS and GET_STATUS.</summary>
    Status = 1UL << 16,

    /// <summary>SET_DEVICE_STATE_FD and CHECK_DEVICE_STATE.</summary>
    DeviceState = 1UL << 19,

    /// <summary>What is offered.</summary>
    Offered = Mq | LogShmfd | Rarp | NetMtu | ReplyAck | BackendReq | InflightShmfd | ResetDevice | ConfigureMemSlots | Status | DeviceState,
}
