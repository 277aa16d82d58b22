using System.Buffers.Binary;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Virtio;

/// <summary>The structures of the virtio PCI transport that a function's capabilities describe (virtio 1.4, 4.1.4).</summary>
internal sealed class VirtioStructures
{
    public const byte Common = 1;
    public const byte Notify = 2;
    public const byte Isr = 3;
    public const byte Device = 4;

    private const byte VendorCapability = 0x09;
    private const int LongestCapability = 20;
    private const int ConfigurationEnd = 0x100;

    private readonly Dictionary<byte, VirtioRegion> _structures = [];
    private readonly string _name;

    private VirtioStructures(string name) => _name = name;

    /// <summary>Reads them all; of several structures of one type the first counts.</summary>
    public static VirtioStructures Read(IPciDevice device)
    {
        var found = new VirtioStructures(device.Name);
        Span<byte> bytes = stackalloc byte[LongestCapability];
        foreach (PciCapability capability in PciCapability.List(device))
        {
            if (capability.Id != VendorCapability)
                continue;

            bytes.Clear();
            device.ReadConfig(capability.Offset, bytes[..Math.Min(bytes.Length, ConfigurationEnd - capability.Offset)]);
            found.Add(device, bytes);
        }

        return found;
    }

    /// <summary>The structure of a type; throws when the function has none.</summary>
    public VirtioRegion Require(byte type) => _structures.TryGetValue(type, out VirtioRegion? region)
        ? region
        : throw new InvalidDataException($"{_name} has no virtio structure of type {type}.");

    private void Add(IPciDevice device, ReadOnlySpan<byte> bytes)
    {
        uint multiplier = bytes[3] == Notify ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) : 0;
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        _structures.TryAdd(bytes[3], new VirtioRegion(device, bytes[4], offset, length, multiplier));
    }
}
