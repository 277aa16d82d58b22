namespace SoftIov.Lab.Pci;

/// <summary>A capability in configuration space (PCI 3.0, 6.7).</summary>
/// <param name="Id">What it is.</param>
/// <param name="Offset">Where it starts.</param>
internal readonly record struct PciCapability(byte Id, int Offset)
{
    private const int Pointer = 0x34;
    private const int FirstOffset = 0x40;
    private const int MostCapabilities = 48;

    /// <summary>Walks the list of a function, at most 48 entries: one that points back at itself has an end too.</summary>
    public static IReadOnlyList<PciCapability> List(IPciDevice device)
    {
        var found = new List<PciCapability>();
        Span<byte> bytes = stackalloc byte[2];
        device.ReadConfig(Pointer, bytes[..1]);
        int offset = bytes[0] & ~3;
        while (offset >= FirstOffset && found.Count < MostCapabilities)
        {
            device.ReadConfig(offset, bytes);
            found.Add(new PciCapability(bytes[0], offset));
            offset = bytes[1] & ~3;
        }

        return found;
    }
}
