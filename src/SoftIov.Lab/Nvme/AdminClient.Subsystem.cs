using System.Buffers.Binary;

namespace SoftIov.Lab.Nvme;

/// <content>Namespaces and controllers of the subsystem: lists, management, attachment, virtualization.</content>
public sealed partial class AdminClient
{
    /// <summary>Namespaces attached to this controller, those with ids above <paramref name="above"/>.</summary>
    public IReadOnlyList<uint> ListActiveNamespaces(uint above = 0) => ReadNamespaces(Identify(IdentifyCns.ActiveNamespaces, above));

    /// <summary>Namespaces of the subsystem, those with ids above <paramref name="above"/>.</summary>
    public IReadOnlyList<uint> ListAllocatedNamespaces(uint above = 0) => ReadNamespaces(Identify(IdentifyCns.AllocatedNamespaces, above));

    /// <summary>A namespace of the subsystem, attached to this controller or not.</summary>
    public NamespaceIdentity IdentifyAllocatedNamespace(uint namespaceId) => new(Identify(IdentifyCns.AllocatedNamespace, namespaceId));

    /// <summary>Controllers of the subsystem, from id <paramref name="from"/> on.</summary>
    public IReadOnlyList<ushort> ListControllers(ushort from = 0) => ReadControllers(Identify(IdentifyCns.Controllers, 0, from));

    /// <summary>Controllers that a namespace is attached to, from id <paramref name="from"/> on.</summary>
    public IReadOnlyList<ushort> ListControllersOf(uint namespaceId, ushort from = 0) =>
        ReadControllers(Identify(IdentifyCns.AttachedControllers, namespaceId, from));

    /// <summary>What this primary controller has for its secondary ones.</summary>
    public PrimaryCapabilities IdentifyPrimary() => new(Identify(IdentifyCns.PrimaryCapabilities));

    /// <summary>Secondary controllers of this primary one, from id <paramref name="from"/> on, at most 127.</summary>
    public IReadOnlyList<SecondaryController> ListSecondaryControllers(ushort from = 0) =>
        SecondaryController.Parse(Identify(IdentifyCns.SecondaryControllers, 0, from));

    /// <summary>Creates a namespace of <paramref name="blocks"/> blocks; the result is its id.</summary>
    public CompletionEntry CreateNamespace(ulong blocks, int format = 0, bool isShared = false)
    {
        var data = new byte[IdentifyLength];
        BinaryPrimitives.WriteUInt64LittleEndian(data, blocks);
        BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(8), blocks);
        data[26] = (byte)((format & 0xF) | ((format >> 4) << 5));
        data[30] = (byte)(isShared ? 1 : 0);
        return Send(AdminCommand.NamespaceManagement(0), data);
    }

    /// <summary>Deletes a namespace, FFFFFFFFh all.</summary>
    public CompletionEntry DeleteNamespace(uint namespaceId) => Execute(AdminCommand.NamespaceManagement(1, namespaceId));

    /// <summary>Attaches a namespace to controllers.</summary>
    public CompletionEntry Attach(uint namespaceId, params ReadOnlySpan<ushort> controllers) =>
        Send(AdminCommand.NamespaceAttachment(0, namespaceId), WriteControllers(controllers));

    /// <summary>Detaches a namespace from controllers.</summary>
    public CompletionEntry Detach(uint namespaceId, params ReadOnlySpan<ushort> controllers) =>
        Send(AdminCommand.NamespaceAttachment(1, namespaceId), WriteControllers(controllers));

    /// <summary>Virtualization Management; the result is the number of resources.</summary>
    public CompletionEntry Virtualize(VirtualizationAction action, ushort controllerId, ResourceType type = 0, int count = 0) =>
        Execute(AdminCommand.VirtualizationManagement(action, controllerId, type, count));

    private static List<uint> ReadNamespaces(ReadOnlySpan<byte> data)
    {
        var found = new List<uint>();
        for (; !data.IsEmpty && BinaryPrimitives.ReadUInt32LittleEndian(data) is not 0 and var id; data = data[sizeof(uint)..])
            found.Add(id);
        return found;
    }

    // A controller list: how many, then their ids (NVMe base 2.0, 4.4.1).
    private static ushort[] ReadControllers(ReadOnlySpan<byte> data)
    {
        var found = new ushort[BinaryPrimitives.ReadUInt16LittleEndian(data)];
        for (int i = 0; i < found.Length; i++)
            found[i] = BinaryPrimitives.ReadUInt16LittleEndian(data[((i + 1) * sizeof(ushort))..]);
        return found;
    }

    private static byte[] WriteControllers(ReadOnlySpan<ushort> controllers)
    {
        var data = new byte[IdentifyLength];
        BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)controllers.Length);
        for (int i = 0; i < controllers.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan((i + 1) * sizeof(ushort)), controllers[i]);
        return data;
    }
}
