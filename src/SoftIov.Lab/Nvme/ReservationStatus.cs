using System.Buffers.Binary;

namespace SoftIov.Lab.Nvme;

/// <summary>The extended Reservation Status data structure (NVMe base 2.0, Reservation Report).</summary>
/// <param name="Generation">GEN.</param>
/// <param name="Type">RTYPE.</param>
/// <param name="PersistsThroughPowerLoss">PTPLS.</param>
/// <param name="Registrants">One a controller of a registered host.</param>
public sealed record ReservationStatus(
    uint Generation, ReservationType Type, bool PersistsThroughPowerLoss, IReadOnlyList<ReservationRegistrant> Registrants)
{
    private const int FirstRegistrant = 64;
    private const int RegistrantLength = 64;

    /// <summary>Reads a report.</summary>
    public static ReservationStatus Parse(ReadOnlySpan<byte> data)
    {
        var registrants = new ReservationRegistrant[BinaryPrimitives.ReadUInt16LittleEndian(data[5..])];
        for (int i = 0; i < registrants.Length; i++)
        {
            ReadOnlySpan<byte> entry = data.Slice(FirstRegistrant + (i * RegistrantLength), RegistrantLength);
            registrants[i] = new ReservationRegistrant(
                BinaryPrimitives.ReadUInt16LittleEndian(entry),
                (entry[2] & 1) != 0,
                BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]),
                Convert.ToHexString(entry.Slice(16, 16)));
        }

        return new ReservationStatus(BinaryPrimitives.ReadUInt32LittleEndian(data), (ReservationType)data[4], data[9] != 0, registrants);
    }
}
