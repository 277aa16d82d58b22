using System.Xml.Linq;
using SoftIov.SystemTests.Rigs;

namespace SoftIov.SystemTests.Libvirt;

/// <summary>What <c>softiov attach --libvirt</c> prints, and how its guide says that it goes into a domain.</summary>
internal sealed record PrintedXml(string Text)
{
    /// <summary>Asks the daemon, as the guide does: the lease goes to the user that runs libvirt's QEMU.</summary>
    public static async Task<PrintedXml> OfAsync(DaemonProcess daemon, string target, int owner, params string[] others) =>
        new(await daemon.CheckAsync(["attach", target, "--owner", $"{owner}", "--libvirt", .. others]));

    /// <summary>The element that the comment has, for each domain once.</summary>
    public XElement Memory
    {
        get
        {
            string comment = Document.Nodes().OfType<XComment>().Single().Value;
            int end = comment.LastIndexOf("</memoryBacking>", StringComparison.Ordinal) + "</memoryBacking>".Length;
            return XElement.Parse(comment[comment.IndexOf("<memoryBacking>", StringComparison.Ordinal)..end]);
        }
    }

    /// <summary>The device, or the arguments for QEMU.</summary>
    public XElement Function => Document.Root!;

    private XDocument Document => XDocument.Parse(Text);
}
