using System.Buffers.Binary;

namespace SoftIov.Lab.Nvme;

/// <summary>An entry of the Secondary Controller List (NVMe base 2.0, Identify CNS 15h).</summary>
/// <param name="Id">SCID.</param>
/// <param name="PrimaryId">PCID.</param>
/// <param name="IsOnline">SCS bit 0.</param>
/// <param name="Function">VFN: 1 is the first virtual function; 0 is none.</param>
/// <param name="Queues">NVQ: flexible queues assigned.</param>
/// <param name="Interrupts">NVI: flexible interrupts assigned.</param>
public readonly record struct SecondaryController(ushort Id, ushort PrimaryId, bool IsOnline, ushort Function, ushort Queues, ushort Interrupts)
{
    private const int FirstEntry = 32;
    private const int EntryLength = 32;

    /// <summary>Reads a list.</summary>
    public static IReadOnlyList<SecondaryController> Parse(ReadOnlySpan<byte> list)
    {
        var found = new SecondaryController[list[0]];
        for (int i = 0; i < found.Length; i++)
        {
            ReadOnlySpan<byte> entry = list.Slice(FirstEntry + (i * EntryLength), EntryLength);
            found[i] = new SecondaryController(
                Read(entry), Read(entry[2..]), (entry[4] & 1) != 0, Read(entry[8..]), Read(entry[10..]), Read(entry[12..]));
        }

        return found;
    }

    private static ushort Read(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
