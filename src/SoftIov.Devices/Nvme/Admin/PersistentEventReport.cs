using System.Buffers.Binary;
using System.Text;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>
/// A controller's reporting context of the Persistent Event Log (NVMe 1.4, 5.14.1.13): what its host reads, in as many parts as it likes, is
/// what there was when it established the context. Poller only; a reset ends it.
/// </summary>
internal sealed class PersistentEventReport(ControllerIdentity who, NvmeSubsystem subsystem)
{
    private const int HeaderLength = 512;
    private const int BlockBytes = 64 * 1024;

    /// <summary>LHL counts what follows it: all but the first 20 bytes.</summary>
    private const int NotCountedByHeaderLength = 20;

    private byte[]? _page;

    /// <summary>A host has the context.</summary>
    public bool IsEstablished => _page is not null;

    /// <summary>The log page; there is a context.</summary>
    public ReadOnlySpan<byte> Page => _page;

    /// <summary>PELS: blocks of 64 KiB that the longest log takes.</summary>
    public static int MaxBlocks(NvmeSubsystem subsystem) => (HeaderLength + subsystem.PersistentEvents.MaxLength + BlockBytes - 1) / BlockBytes;

    /// <summary>Establishes the context.</summary>
    public void Establish()
    {
        PersistentEventLog events = subsystem.PersistentEvents;
        byte[] page = events.Snapshot(HeaderLength, out int count);
        Span<byte> header = page.AsSpan(0, HeaderLength);
        header[0] = (byte)LogPageId.PersistentEvents;
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], count);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], page.Length);
        header[16] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], HeaderLength - NotCountedByHeaderLength);
        BinaryPrimitives.WriteUInt64LittleEndian(header[20..], events.Timestamp(who.Id));
        BinaryPrimitives.WriteInt64LittleEndian(header[28..], (long)events.PoweredOn.TotalHours);
        BinaryPrimitives.WriteUInt16LittleEndian(header[52..], who.VendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(header[54..], who.SubsystemVendorId);
        IdentifyController.Pad(header.Slice(56, 20), subsystem.Settings.SerialNumber);
        IdentifyController.Pad(header.Slice(76, 40), who.Model);
        Encoding.ASCII.GetBytes(subsystem.Settings.Nqn, header.Slice(116, 256));
        foreach (PersistentEventType type in Enum.GetValues<PersistentEventType>())
            header[480 + ((int)type / 8)] |= (byte)(1 << ((int)type % 8));
        _page = page;
    }

    /// <summary>Ends the context, if there is one.</summary>
    public void Release() => _page = null;
}
