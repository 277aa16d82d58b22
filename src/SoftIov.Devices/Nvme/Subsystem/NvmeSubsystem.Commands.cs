using System.Buffers.Binary;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>Namespace commands as a controller gets them: dwords and data already copied from its host.</summary>
public sealed partial class NvmeSubsystem
{
    /// <summary>Bytes of the data of Namespace Management and of Namespace Attachment.</summary>
    internal const int ManagementLength = 4096;

    /// <summary>FNA: cryptographic erase is supported, and a format is of one namespace alone.</summary>
    internal const byte FormatAttributes = 1 << 2;

    private const int MostControllers = 2047;

    /// <summary>Namespace Management (NVMe 1.4, 5.20): SEL in dword 10 bits 3:0, CSI in dword 11 bits 31:24.</summary>
    /// <param name="host">Host that asks: a reservation of another one keeps it from deleting.</param>
    /// <param name="id">NSID.</param>
    /// <param name="dword10">Dword 10.</param>
    /// <param name="dword11">Dword 11.</param>
    /// <param name="data">For a creation: 4096 bytes.</param>
    /// <param name="created">Dword 0 of the completion: identifier of what was created.</param>
    internal NvmeStatus Manage(in HostId host, uint id, uint dword10, uint dword11, ReadOnlySpan<byte> data, out uint created)
    {
        created = 0;
        switch (dword10 & 15)
        {
            case 0:
                return id != 0 || data.Length < ManagementLength ? NvmeStatus.InvalidField : Create(dword11 >> 24, data, out created);
            case 1 when IsReserved(host, id):
                return NvmeStatus.ReservationConflict;
            case 1:
                return Delete(id);
            default:
                return NvmeStatus.InvalidField;
        }
    }

    /// <summary>Namespace Attachment (NVMe 1.4, 5.19): SEL in dword 10 bits 3:0; the data are a controller list of 4096 bytes.</summary>
    internal NvmeStatus ManageAttachment(uint id, uint dword10, ReadOnlySpan<byte> data)
    {
        if ((dword10 & 15) > 1 || data.Length < ManagementLength)
            return NvmeStatus.InvalidField;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(data);
        if (count > MostControllers)
            return NvmeStatus.ControllerListInvalid;
        var controllers = new ushort[count];
        for (int i = 0; i < count; i++)
            controllers[i] = BinaryPrimitives.ReadUInt16LittleEndian(data[(sizeof(ushort) * (i + 1))..]);
        return (dword10 & 15) == 0 ? Attach(id, controllers) : Detach(id, controllers);
    }

    /// <summary>
    /// Format NVM (NVMe 1.4, 5.23) from a controller, of one namespace attached to it or, with NSID FFFFFFFFh, of all of them; a secondary
    /// controller formats none that another one has too. LBAF in dword 10 bits 3:0 and 13:12, MSET in 4, PI in 7:5, SES in 11:9.
    /// </summary>
    internal NvmeStatus Format(ushort controller, in HostId host, uint id, uint dword10)
    {
        int format = (int)((dword10 & 15) | ((dword10 >> 8) & 0x30));
        if ((dword10 & 0xF0) != 0 || !HasFormat(format))
            return NvmeStatus.InvalidFormat;
        if (((dword10 >> 9) & 7) > 2)
            return NvmeStatus.InvalidField;
        NamespaceSet attached = Attached(controller);
        var ids = new List<uint>();
        if (id != AllNamespaces)
        {
            NvmeStatus status = attached.Find(id, out _);
            if (status != NvmeStatus.Success)
                return status;
            ids.Add(id);
        }

        foreach (Namespace each in attached.All)
        {
            if (id == AllNamespaces)
                ids.Add(each.Id);
            if (!ids.Contains(each.Id))
                continue;
            if (controller != ControllerId.Primary && Record.Find(each.Id) is { Controllers.Length: > 1 })
                return NvmeStatus.InvalidNamespace;
            if (each.Reservations.CheckWrite(host) != NvmeStatus.Success)
                return NvmeStatus.ReservationConflict;
        }

        return Format(ids.ToArray(), format, controller, id, dword10);
    }

    private NvmeStatus Create(uint commandSet, ReadOnlySpan<byte> data, out uint created)
    {
        created = 0;
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(data);
        ulong capacity = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
        int format = (data[26] & 15) | ((data[26] >> 1) & 0x30);
        if (commandSet != 0)
            return NvmeStatus.IoCommandSetNotSupported;

        // DPS: no format has metadata to protect data with.
        if (data[29] != 0)
            return NvmeStatus.InvalidFormat;
        if (capacity < size)
            return NvmeStatus.ThinProvisioningNotSupported;

        // NMIC has one bit; there are no ANA groups, NVM sets and endurance groups.
        if (capacity > size || data[30] > 1 || data[92..96].ContainsAnyExcept((byte)0) || data[100..104].ContainsAnyExcept((byte)0))
            return NvmeStatus.InvalidField;
        return Create(size, format, data[30] == 1, out created);
    }

    private bool IsReserved(in HostId host, uint id)
    {
        foreach (Namespace each in Allocated.All)
        {
            if ((each.Id == id || id == AllNamespaces) && each.Reservations.CheckWrite(host) != NvmeStatus.Success)
                return true;
        }

        return false;
    }
}
