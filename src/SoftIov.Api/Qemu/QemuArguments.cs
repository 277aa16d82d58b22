using System.Text.Json.Nodes;

namespace SoftIov.Api;

/// <summary>How QEMU (10.1 and newer) is told to use a function.</summary>
public static class QemuArguments
{
    /// <summary>What guest memory needs, for messages.</summary>
    public const string SharedMemoryHint = "-object memory-backend-memfd,id=mem,size=SIZE,share=on -machine memory-backend=mem";

    /// <summary>The device as <c>-device</c> and <c>device_add</c> take it; the caller adds a bus.</summary>
    public static JsonObject Device(string deviceId, string socket) => new()
    {
        ["driver"] = "vfio-user-pci",
        ["id"] = deviceId,
        ["socket"] = new JsonObject { ["type"] = "unix", ["path"] = socket },
    };

    /// <summary>Arguments of a QEMU that starts with the function behind a root port and its memory shared.</summary>
    /// <param name="deviceId">Id of the device; the root port's is made from it.</param>
    /// <param name="socket">Socket of the function.</param>
    /// <param name="port">Chassis and slot of the root port, unique in that QEMU, 1..255.</param>
    /// <param name="memoryMegabytes">Guest memory.</param>
    public static IReadOnlyList<string> ForNewGuest(string deviceId, string socket, int port, int memoryMegabytes)
    {
        JsonObject device = Device(deviceId, socket);
        device["bus"] = PortId(deviceId);
        return
        [
            "-machine", "q35,memory-backend=mem",
            "-m", $"{memoryMegabytes}M",
            "-object", $"memory-backend-memfd,id=mem,size={memoryMegabytes}M,share=on",
            "-device", $"pcie-root-port,id={PortId(deviceId)},chassis={port},slot={port}",
            "-device", device.ToJsonString(),
        ];
    }

    /// <summary>Id of the root port that a device of a QEMU that starts is behind.</summary>
    internal static string PortId(string deviceId) => $"{deviceId}-port";
}
