using System.Text.Json.Nodes;

namespace SoftIov.Api;

/// <summary>How QEMU is told to use rings by vhost-user: a socket, a network back-end, and QEMU's own virtio-net device.</summary>
public static class VhostUserQemu
{
    private const int VectorsBesideQueues = 2;
    private const int ReconnectMilliseconds = 1000;

    // 10.2 has no other word any more: there is none that all versions know.
    private static readonly Version FirstWithMilliseconds = new(9, 2);

    /// <summary>Whether that QEMU takes what the newest one takes: it counts the time between two connections in milliseconds.</summary>
    public static bool TakesNewestWords(Version version) => version >= FirstWithMilliseconds;

    /// <summary>Id of the socket.</summary>
    public static string SocketId(string deviceId) => $"{deviceId}-socket";

    /// <summary>Id of the network back-end.</summary>
    public static string NetId(string deviceId) => $"{deviceId}-net";

    /// <summary>The device as <c>-device</c> and <c>device_add</c> take it; the caller adds a bus.</summary>
    public static JsonObject Device(string deviceId, VhostUserDevice rings)
    {
        var device = new JsonObject
        {
            ["driver"] = "virtio-net-pci",
            ["id"] = deviceId,
            ["netdev"] = NetId(deviceId),
            ["mac"] = rings.Mac,
        };
        if (rings.QueuePairs > 1)
        {
            device["mq"] = true;
            device["vectors"] = (2 * rings.QueuePairs) + VectorsBesideQueues;
        }

        if (rings.Mtu != VhostUserDevice.UsualMtu)
            device["host_mtu"] = rings.Mtu;
        return device;
    }

    /// <summary>Arguments of a QEMU that starts with the rings behind a root port and its memory shared.</summary>
    /// <param name="deviceId">Id of the device; the others are made from it.</param>
    /// <param name="rings">The rings.</param>
    /// <param name="port">Chassis and slot of the root port, unique in that QEMU, 1..255.</param>
    /// <param name="memoryMegabytes">Guest memory.</param>
    /// <param name="version">Version of that QEMU; null is the newest.</param>
    public static IReadOnlyList<string> ForNewGuest(
        string deviceId, VhostUserDevice rings, int port, int memoryMegabytes, Version? version = null)
    {
        JsonObject device = Device(deviceId, rings);
        device["bus"] = QemuArguments.PortId(deviceId);
        string reconnect = version is null || TakesNewestWords(version)
            ? $"reconnect-ms={ReconnectMilliseconds}"
            : $"reconnect={ReconnectMilliseconds / 1000}";
        string mode = rings.IsFrontEndServer ? "server=on,wait=off" : reconnect;
        string queues = rings.QueuePairs > 1 ? $",queues={rings.QueuePairs}" : "";
        return
        [
            "-machine", "q35,memory-backend=mem",
            "-m", $"{memoryMegabytes}M",
            "-object", $"memory-backend-memfd,id=mem,size={memoryMegabytes}M,share=on",
            "-chardev", $"socket,id={SocketId(deviceId)},path={rings.Socket.Replace(",", ",,", StringComparison.Ordinal)},{mode}",
            "-netdev", $"vhost-user,id={NetId(deviceId)},chardev={SocketId(deviceId)}{queues}",
            "-device", $"pcie-root-port,id={QemuArguments.PortId(deviceId)},chassis={port},slot={port}",
            "-device", device.ToJsonString(),
        ];
    }

    /// <summary>The socket as <c>chardev-add</c> of that version takes it.</summary>
    public static JsonObject Socket(string deviceId, VhostUserDevice rings, Version version)
    {
        var data = new JsonObject
        {
            ["addr"] = new JsonObject { ["type"] = "unix", ["data"] = new JsonObject { ["path"] = rings.Socket } },
            ["server"] = rings.IsFrontEndServer,
        };
        if (rings.IsFrontEndServer)
            data["wait"] = false;
        else if (TakesNewestWords(version))
            data["reconnect-ms"] = ReconnectMilliseconds;
        else
            data["reconnect"] = ReconnectMilliseconds / 1000;
        return new JsonObject { ["id"] = SocketId(deviceId), ["backend"] = new JsonObject { ["type"] = "socket", ["data"] = data } };
    }

    /// <summary>The back-end as <c>netdev_add</c> takes it.</summary>
    public static JsonObject Net(string deviceId, VhostUserDevice rings)
    {
        var net = new JsonObject { ["type"] = "vhost-user", ["id"] = NetId(deviceId), ["chardev"] = SocketId(deviceId) };
        if (rings.QueuePairs > 1)
            net["queues"] = rings.QueuePairs;
        return net;
    }
}
