using System.Xml.Linq;

namespace SoftIov.Api;

/// <summary>What goes into a libvirt domain for rings by vhost-user (libvirt, formatdomain: vhost-user interface, memory backing).</summary>
public static class LibvirtXml
{
    /// <summary>The two elements, the first for the domain and the second for its devices.</summary>
    public static string Of(VhostUserDevice rings)
    {
        var memory = new XElement(
            "memoryBacking",
            new XElement("source", new XAttribute("type", "memfd")),
            new XElement("access", new XAttribute("mode", "shared")));
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
        return $"{memory}\n{net}\n";
    }
}
