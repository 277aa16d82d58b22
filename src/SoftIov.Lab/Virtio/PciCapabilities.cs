using System.Buffers.Binary;

namespace SoftIov.Lab.Virtio;

/// <summary>The capabilities in configuration space that a virtio driver looks for (virtio 1.4, 4.1.4; PCIe 7.7.2).</summary>
internal sealed class PciCapabilities
{
    public const byte CommonStructure = 1;
    public const byte NotifyStructure = 2;
    public const byte IsrStructure = 3;
    public const byte DeviceStructure = 4;

    private const int CapabilitiesPointer = 0x34;
    private const int MostCapabilities = 48;
    private const byte VendorCapability = 0x09;
    private const byte MsixCapability = 0x11;
    private const int TableSizeMask = 0x7FF;

    private readonly Dictionary<byte, VirtioRegion> _structures = [];
    private readonly string _name;

    private PciCapabilities(string name) => _name = name;

    /// <summary>Where the MSI-X capability starts; 0 when there is none.</summary>
    public int MsixOffset { get; private set; }

    /// <summary>MSI-X vectors.</summary>
    public int MsixVectorCount { get; private set; }

    /// <summary>Walks the list; of several structures of one type the first counts.</summary>
    public static PciCapabilities Read(IPciDevice device)
    {
        var found = new PciCapabilities(device.Name);
        Span<byte> bytes = stackalloc byte[24];
        device.ReadConfig(CapabilitiesPointer, bytes[..1]);
        int offset = bytes[0] & ~3;
        for (int i = 0; offset >= 0x40 && i < MostCapabilities; i++, offset = bytes[1] & ~3)
        {
            device.ReadConfig(offset, bytes[..Math.Min(bytes.Length, 0x100 - offset)]);
            if (bytes[0] == VendorCapability)
                found.AddStructure(device, bytes);
            else if (bytes[0] == MsixCapability)
                found.AddMsix(offset, bytes);
        }

        return found;
    }

    /// <summary>The structure of a type; throws when the function has none.</summary>
    public VirtioRegion Require(byte type) => _structures.TryGetValue(type, out VirtioRegion? region)
        ? region
        : throw new InvalidDataException($"{_name} has no virtio structure of type {type}.");

    private void AddStructure(IPciDevice device, ReadOnlySpan<byte> bytes)
    {
        uint multiplier = bytes[3] == NotifyStructure ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) : 0;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        _structures.TryAdd(bytes[3], new VirtioRegion(device, bytes[4], offset, length, multiplier));
    }

    private void AddMsix(int offset, ReadOnlySpan<byte> bytes)
    {
        MsixOffset = offset;
        MsixVectorCount = (BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]) & TableSizeMask) + 1;
    }
}
