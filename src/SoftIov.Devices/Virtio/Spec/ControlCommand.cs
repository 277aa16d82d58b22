namespace SoftIov.Devices.Virtio.Spec;

/// <summary>Control queue commands: class in bits 15:8, command in bits 7:0 (virtio 1.4, 5.1.6.5).</summary>
internal enum ControlCommand : ushort
{
    RxPromisc = 0x0000,
    RxAllMulti = 0x0001,
    RxAllUni = 0x0002,
    RxNoMulti = 0x0003,
    RxNoUni = 0x0004,
    RxNoBcast = 0x0005,
    MacTableSet = 0x0100,
    MacAddrSet = 0x0101,
    VlanAdd = 0x0200,
    VlanDel = 0x0201,
    AnnounceAck = 0x0300,
    MqVqPairsSet = 0x0400,
    MqRssConfig = 0x0401,
    MqHashConfig = 0x0402,
    GuestOffloadsSet = 0x0500,
    NotfCoalTxSet = 0x0600,
    NotfCoalRxSet = 0x0601,
    NotfCoalVqSet = 0x0602,
    NotfCoalVqGet = 0x0603,
}
