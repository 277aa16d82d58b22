using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace SoftIov.Api;

/// <summary>
/// What goes into a libvirt domain for a function (libvirt, formatdomain: vhost-user interface, memory backing; drvqemu: passing arguments).
/// One document, which can be piped to <c>virsh attach-device</c>: what a domain has once is a comment before it, for a second one is an error.
/// </summary>
public static class LibvirtXml
{
    /// <summary>libvirt counts the chassis of its own root ports from 1 on.</summary>
    private const int ForeignChassis = 255;

    /// <summary>Numbers that a slot can have: 13 bits, and not 0. A prime: names that differ a little have different ones.</summary>
    private const int SlotCount = 8191;

    private static readonly XNamespace Qemu = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <summary>An interface for rings by vhost-user; for all else arguments that libvirt hands on to QEMU.</summary>
    public static string Of(AttachResult function)
    {
        var memory = new XElement(
            "memoryBacking",
            new XElement("source", new XAttribute("type", "memfd")),
            new XElement("access", new XAttribute("mode", "shared")));
        XElement device = function.Rings is { } rings ? Interface(rings) : CommandLine(function.DeviceId, function.Socket);
        string where = function.Rings is null ? "What follows goes beside <devices>, not into it." : "What follows is a device.";
        return $"<!-- The domain needs this once, beside <devices>:\n{memory}\n{where} -->\n{device}\n";
    }

    private static XElement Interface(VhostUserDevice rings)
    {
        var source = new XElement(
            "source",
            new XAttribute("type", "unix"),
            new XAttribute("path", rings.Socket),
            new XAttribute("mode", rings.IsFrontEndServer ? "server" : "client"));
        if (!rings.IsFrontEndServer)
            source.Add(new XElement("reconnect", new XAttribute("enabled", "yes"), new XAttribute("timeout", 1)));
        var net = new XElement(
            "interface",
            new XAttribute("type", "vhostuser"),
            new XElement("mac", new XAttribute("address", rings.Mac)),
            source,
            new XElement("model", new XAttribute("type", "virtio")));
        if (rings.QueuePairs > 1)
            net.Add(new XElement("driver", new XAttribute("queues", rings.QueuePairs)));
        if (rings.Mtu != VhostUserDevice.UsualMtu)
            net.Add(new XElement("mtu", new XAttribute("size", rings.Mtu)));
        return net;
    }

    /// <summary>libvirt has no word for vfio-user. The port is JSON too: QEMU makes what is not before libvirt's own ports, in their slots.</summary>
    private static XElement CommandLine(string deviceId, string socket)
    {
        var port = new JsonObject
        {
            ["driver"] = "pcie-root-port",
            ["id"] = QemuArguments.PortId(deviceId),
            ["chassis"] = ForeignChassis,
            ["slot"] = 1 + deviceId.Aggregate(0, (slot, letter) => ((31 * slot) + letter) % SlotCount),
        };
        JsonObject device = QemuArguments.Device(deviceId, socket);
        device["bus"] = QemuArguments.PortId(deviceId);
        string[] arguments = ["-device", port.ToJsonString(), "-device", device.ToJsonString()];
        return new XElement(
            Qemu + "commandline",
            new XAttribute(XNamespace.Xmlns + "qemu", Qemu),
            arguments.Select(value => new XElement(Qemu + "arg", new XAttribute("value", value))));
    }
}
