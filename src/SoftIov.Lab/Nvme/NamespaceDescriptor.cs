namespace SoftIov.Lab.Nvme;

/// <summary>A Namespace Identification Descriptor (NVMe base 2.0, Identify CNS 03h).</summary>
/// <param name="Type">1 EUI64, 2 NGUID, 3 UUID, 4 command set.</param>
/// <param name="Identifier">Its bytes.</param>
public sealed record NamespaceDescriptor(byte Type, byte[] Identifier)
{
    private const int HeaderLength = 4;

    /// <summary>Reads descriptors up to the first of length 0.</summary>
    public static IReadOnlyList<NamespaceDescriptor> Parse(ReadOnlySpan<byte> data)
    {
        var found = new List<NamespaceDescriptor>();
        while (data.Length > HeaderLength && data[1] != 0)
        {
            found.Add(new NamespaceDescriptor(data[0], data.Slice(HeaderLength, data[1]).ToArray()));
            data = data[(HeaderLength + data[1])..];
        }

        return found;
    }
}
