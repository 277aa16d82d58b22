using System.Buffers.Binary;
using System.Text;

namespace SoftIov.Devices.Nvme;

/// <summary>The Identify Controller data structure (NVMe 1.4, figure 247).</summary>
internal static class IdentifyController
{
    private const int QualifiedName = 768;
    private const int PowerState = 2048;

    /// <summary>
    /// Fills 4096 bytes that are zero before. A secondary controller does not tell what capacity there is beyond its namespaces, since it manages
    /// none (TNVMCAP and UNVMCAP are 0).
    /// </summary>
    public static void Fill(ControllerIdentity who, NvmeSubsystem subsystem, Span<byte> data)
    {
        SubsystemSettings settings = subsystem.Settings;
        WriteUInt16(data, 0, who.VendorId);
        WriteUInt16(data, 2, who.SubsystemVendorId);
        Pad(data.Slice(4, 20), settings.SerialNumber);
        Pad(data.Slice(24, 40), who.Model);
        Pad(data.Slice(64, 8), who.Firmware);
        data[72] = who.ArbitrationBurst;
        // IEEE, the least significant byte first.
        NvmeSubsystem.Oui.CopyTo(data[73..]);
        data[76] = (byte)(2 | (who.IsVf ? 4 : 0));
        data[77] = who.MaxTransferShift;
        WriteUInt16(data, 78, who.Id);
        WriteUInt32(data, 80, who.Version);
        WriteUInt32(data, 84, who.ResumeMicroseconds);
        WriteUInt32(data, 88, who.ShutdownMicroseconds);
        WriteUInt32(data, 92, who.AsyncEvents);
        WriteUInt32(data, 96, who.Attributes);
        data[111] = 1;
        WriteUInt16(data, 256, who.AdminCommands);
        data[258] = who.AbortLimit;
        data[259] = who.EventRequestLimit;

        // FRMW: one firmware slot, and it is read only.
        data[260] = 3;
        data[261] = who.LogPages;
        data[262] = who.ErrorLogEntries;
        WriteUInt16(data, 266, who.WarningTemperature);
        WriteUInt16(data, 268, who.CriticalTemperature);
        if (!who.IsVf)
        {
            BinaryPrimitives.WriteInt64LittleEndian(data[280..], subsystem.TotalCapacity);
            BinaryPrimitives.WriteInt64LittleEndian(data[296..], subsystem.UnallocatedCapacity);
        }

        WriteUInt16(data, 320, who.KeepAlive);
        WriteUInt32(data, 328, who.Sanitize);

        WriteUInt32(data, 352, who.PersistentEventLogBlocks);

        // SQES and CQES: entries of 64 and 16 bytes, no others.
        data[512] = 0x66;
        data[513] = 0x44;
        WriteUInt16(data, 514, who.MaxCommands);
        WriteUInt32(data, 516, (uint)settings.MaxNamespaces);
        WriteUInt16(data, 520, who.NvmCommands);
        WriteUInt16(data, 522, who.FusedOperations);
        data[524] = who.FormatAttributes;
        data[525] = who.VolatileWriteCache;
        WriteUInt16(data, 526, who.AtomicWrite);
        WriteUInt16(data, 528, who.AtomicWritePowerFail);
        data[531] = who.WriteProtection;
        WriteUInt16(data, 532, who.AtomicCompareAndWrite);
        Encoding.ASCII.GetBytes(settings.Nqn, data.Slice(QualifiedName, 256));

        // The one power state: 25 W in units of 0.01 W.
        WriteUInt16(data, PowerState, 2500);
    }

    /// <summary>ASCII, filled up with spaces (NVMe 1.4, 1.5).</summary>
    public static void Pad(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }

    private static void WriteUInt16(Span<byte> data, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(data[offset..], value);

    private static void WriteUInt32(Span<byte> data, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(data[offset..], value);
}
