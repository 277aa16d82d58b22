using System.Buffers.Binary;
using System.Collections.Immutable;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>The subsystem's answers to Identify; any thread, no locks but a short one of <see cref="SecondaryControllers"/>.</summary>
public sealed partial class NvmeSubsystem
{
    /// <summary>Bytes of all Identify data.</summary>
    internal const int IdentifyLength = 4096;

    /// <summary>
    /// Identify (NVMe 1.4, 5.15): fills all 4096 bytes. A secondary controller learns of its own namespaces only: lists of others, and of
    /// controllers, belong to management, which it does not have.
    /// </summary>
    /// <param name="who">The controller that is asked.</param>
    /// <param name="cns">CNS, dword 10 bits 7:0.</param>
    /// <param name="id">NSID.</param>
    /// <param name="first">CNTID, dword 10 bits 31:16.</param>
    /// <param name="commandSet">CSI, dword 11 bits 31:24.</param>
    /// <param name="data">4096 bytes.</param>
    internal NvmeStatus Identify(ControllerIdentity who, byte cns, uint id, ushort first, byte commandSet, Span<byte> data)
    {
        data.Clear();
        NamespaceSet attached = Attached(who.Id);
        switch (cns)
        {
            case 0x00 when id == AllNamespaces && !who.IsVf:
                IdentifyNamespace.FillFormats(this, data);
                return NvmeStatus.Success;
            case 0x00:
                return Describe(attached, id, data, (space, bytes) => IdentifyNamespace.Fill(space, this, bytes));
            case 0x01:
                IdentifyController.Fill(who, this, data);
                return NvmeStatus.Success;
            case 0x02:
                return List(attached, id, data);
            case 0x03:
                if (attached[id] is not { } named)
                    return NvmeStatus.InvalidNamespace;
                IdentifyNamespace.FillDescriptors(named, data);
                return NvmeStatus.Success;
            case 0x05 when commandSet == 0:
                return Describe(attached, id, data, (_, _) => { });
            case 0x06 when commandSet == 0:
                return NvmeStatus.Success;
            case 0x07 when commandSet == 0:
                return List(attached, id, data);
            case 0x08:
                return Describe(attached, id, data, IdentifyNamespace.FillIndependent);
            case 0x1C:
                // The one combination of command sets: NVM alone.
                data[0] = 1;
                return NvmeStatus.Success;
            default:
                return who.IsVf ? NvmeStatus.InvalidField : IdentifyManaged(cns, id, first, data);
        }
    }

    /// <summary>What only the primary controller is asked for.</summary>
    private NvmeStatus IdentifyManaged(byte cns, uint id, ushort first, Span<byte> data)
    {
        switch (cns)
        {
            case 0x10:
                return List(Allocated, id, data);
            case 0x11:
                return Describe(Allocated, id, data, (space, bytes) => IdentifyNamespace.Fill(space, this, bytes));
            case 0x12:
                NvmeStatus status = Allocated.Find(id, out _);
                if (status == NvmeStatus.Success)
                    List(Record.Find(id)?.Controllers ?? [], first, data);
                return status;
            case 0x13:
                ImmutableArray<ushort>.Builder all = ImmutableArray.CreateBuilder<ushort>();
                for (ushort controller = ControllerId.Primary; controller < _controllers.Length; controller++)
                    all.Add(controller);
                List(all.ToImmutable(), first, data);
                return NvmeStatus.Success;
            case 0x14:
                Secondaries.DescribePrimary(data);
                return NvmeStatus.Success;
            case 0x15:
                Secondaries.List(first, data);
                return NvmeStatus.Success;
            case 0x16:
                // One descriptor, for all formats: sizes and capacities are best in granules.
                BinaryPrimitives.WriteInt64LittleEndian(data[32..], _capacity.Granule);
                BinaryPrimitives.WriteInt64LittleEndian(data[40..], _capacity.Granule);
                return NvmeStatus.Success;
            default:
                return NvmeStatus.InvalidField;
        }
    }

    /// <summary>About one namespace; a number in range that nobody has gives zeroes.</summary>
    private static NvmeStatus Describe(NamespaceSet among, uint id, Span<byte> data, NamespaceDescription describe)
    {
        NvmeStatus status = among.Find(id, out Namespace? found);
        if (found is not null)
            describe(found, data);
        return status == NvmeStatus.InvalidField ? NvmeStatus.Success : status;
    }

    /// <summary>Namespaces with identifiers above one.</summary>
    private static NvmeStatus List(NamespaceSet among, uint above, Span<byte> data)
    {
        if (above >= AllNamespaces - 1)
            return NvmeStatus.InvalidNamespace;
        int offset = 0;
        foreach (Namespace each in among.All)
        {
            if (each.Id > above)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(data[offset..], each.Id);
                offset += sizeof(uint);
            }
        }

        return NvmeStatus.Success;
    }

    /// <summary>A controller list (NVMe 1.4, 4.11): a count, then identifiers from one on.</summary>
    private static void List(ImmutableArray<ushort> controllers, ushort first, Span<byte> data)
    {
        ushort count = 0;
        foreach (ushort controller in controllers)
        {
            if (controller >= first)
                BinaryPrimitives.WriteUInt16LittleEndian(data[(sizeof(ushort) * ++count)..], controller);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(data, count);
    }
}
