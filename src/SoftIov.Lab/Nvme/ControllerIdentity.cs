using System.Buffers.Binary;
using System.Text;

namespace SoftIov.Lab.Nvme;

/// <summary>The Identify Controller data structure (NVMe base 2.0, 5.17.2.1).</summary>
/// <param name="Bytes">All 4096 bytes.</param>
public sealed record ControllerIdentity(byte[] Bytes)
{
    /// <summary>VID.</summary>
    public ushort VendorId => Read16(0);

    /// <summary>SN, without the spaces behind.</summary>
    public string SerialNumber => Text(4, 20);

    /// <summary>MN.</summary>
    public string ModelNumber => Text(24, 40);

    /// <summary>FR.</summary>
    public string Firmware => Text(64, 8);

    /// <summary>CMIC: bit 0 several ports, 1 several controllers, 2 an SR-IOV VF, 3 ANA.</summary>
    public byte Multipath => Bytes[76];

    /// <summary>MDTS: 0 no limit, else 2^n of the smallest page.</summary>
    public byte LargestTransfer => Bytes[77];

    /// <summary>CNTLID.</summary>
    public ushort ControllerId => Read16(78);

    /// <summary>VER.</summary>
    public uint Version => Read32(80);

    /// <summary>OAES.</summary>
    public uint OptionalEvents => Read32(92);

    /// <summary>CNTRLTYPE.</summary>
    public byte ControllerType => Bytes[111];

    /// <summary>OACS.</summary>
    public ushort OptionalAdminCommands => Read16(256);

    /// <summary>ACL: aborts at once, 0-based.</summary>
    public byte AbortLimit => Bytes[258];

    /// <summary>AERL: event requests at once, 0-based.</summary>
    public byte EventRequestLimit => Bytes[259];

    /// <summary>SQES.</summary>
    public byte SubmissionEntrySizes => Bytes[512];

    /// <summary>CQES.</summary>
    public byte CompletionEntrySizes => Bytes[513];

    /// <summary>NN.</summary>
    public uint NamespaceCount => Read32(516);

    /// <summary>ONCS.</summary>
    public ushort OptionalNvmCommands => Read16(520);

    /// <summary>FUSES.</summary>
    public ushort FusedOperations => Read16(522);

    /// <summary>VWC.</summary>
    public byte VolatileWriteCache => Bytes[525];

    /// <summary>SGLS.</summary>
    public uint SglSupport => Read32(536);

    /// <summary>SUBNQN.</summary>
    public string SubsystemName => Encoding.UTF8.GetString(Bytes, 768, 256).TrimEnd('\0');

    private ushort Read16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(offset));

    private uint Read32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(offset));

    private string Text(int offset, int length) => Encoding.ASCII.GetString(Bytes, offset, length).TrimEnd(' ');
}
