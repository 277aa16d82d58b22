using System.Buffers.Binary;

namespace SoftIov.Devices.Nvme;

/// <summary>The Reservation Status data structure in its two forms (NVMe 1.4, figures 386 and 388).</summary>
internal static class ReservationReport
{
    /// <summary>Number of a registrant's controller that is not there.</summary>
    private const ushort NoController = 0xFFFF;

    /// <summary>Fills as much as the data hold: an entry for each controller of a registrant, one for a registrant without any.</summary>
    public static void Fill(
        ReservationRecord state, uint generation, bool isExtended, IReadOnlyList<(ushort Controller, UInt128 Host)> controllers, Span<byte> data)
    {
        int entryLength = isExtended ? 64 : 24;
        int headerLength = isExtended ? 64 : 24;
        var report = new byte[headerLength + (entryLength * (state.Registrants.Length + controllers.Count))];
        ushort entries = 0;
        foreach (Registrant registrant in state.Registrants)
        {
            ushort before = entries;
            foreach ((ushort controller, UInt128 host) in controllers)
            {
                if (host == registrant.Host)
                    Write(report.AsSpan(headerLength + (entryLength * entries++)), controller, registrant);
            }

            if (entries == before)
                Write(report.AsSpan(headerLength + (entryLength * entries++)), NoController, registrant);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(report, generation);
        report[4] = (byte)state.Type;
        BinaryPrimitives.WriteUInt16LittleEndian(report.AsSpan(5), entries);
        report[9] = (byte)(state.IsPersistent ? 1 : 0);
        data.Clear();
        report.AsSpan(0, Math.Min(headerLength + (entryLength * entries), data.Length)).CopyTo(data);

        void Write(Span<byte> entry, ushort controller, Registrant registrant)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(entry, controller);
            entry[2] = (byte)(state.IsHeldBy(registrant.Host) ? 1 : 0);
            if (isExtended)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], registrant.Key);
                BinaryPrimitives.WriteUInt128LittleEndian(entry[16..], registrant.Host);
            }
            else
            {
                BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], (ulong)registrant.Host);
                BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], registrant.Key);
            }
        }
    }
}
