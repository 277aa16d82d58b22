using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What each malformed command that manages namespaces or secondary controllers returns.</summary>
public sealed class MalformedManagementTests
{
    private const VirtualizationAction Assign = VirtualizationAction.Assign;
    private const VirtualizationAction Online = VirtualizationAction.Online;
    private const VirtualizationAction Offline = VirtualizationAction.Offline;
    private const VirtualizationAction Primary = VirtualizationAction.AllocatePrimary;
    private const ResourceType Queue = ResourceType.Queue;
    private const ResourceType Interrupt = ResourceType.Interrupt;
    private const ResourceType NoResource = (ResourceType)2;

    private static readonly Dictionary<string, (string Expected, Func<MalformedBench, CompletionEntry> Send)> Rows = new()
    {
        ["action that is none"] = ("0/02+D", b => b.Admin.Virtualize((VirtualizationAction)5, 2)),
        ["primary allocation by another number"] = ("1/1F+D", b => b.Admin.Virtualize(Primary, 2, Queue, 1)),
        ["primary allocation of more than there is"] = ("1/21+D", b => b.Admin.Virtualize(Primary, 1, Queue, 13)),
        ["primary allocation of more than is left"] = ("1/22+D", b => Assigned(b, 8, 0, () => b.Admin.Virtualize(Primary, 1, Queue, 5))),
        ["primary allocation of a resource that is none"] = ("1/22+D", b => b.Admin.Virtualize(Primary, 1, NoResource, 1)),
        ["offline of a controller that is none"] = ("1/1F+D", b => b.Admin.Virtualize(Offline, 6)),
        ["offline of the primary"] = ("1/1F+D", b => b.Admin.Virtualize(Offline, 1)),
        ["offline with a resource that is none"] = ("0/00", b => b.Admin.Virtualize(Offline, 2, NoResource)),
        ["assignment to a controller that is none"] = ("1/1F+D", b => b.Admin.Virtualize(Assign, 6, Queue, 2)),
        ["assignment to controller 0"] = ("1/1F+D", b => b.Admin.Virtualize(Assign, 0, Queue, 2)),
        ["assignment of more than a secondary may have"] = ("1/21+D", b => b.Admin.Virtualize(Assign, 2, Queue, 9)),
        ["assignment of more than is left"] = ("1/22+D", b => Assigned(b, 8, 0, () => b.Admin.Virtualize(Assign, 3, Queue, 5))),
        ["assignment of a resource that is none"] = ("1/22+D", b => b.Admin.Virtualize(Assign, 2, NoResource, 1)),
        ["assignment while online"] = ("1/20+D", b => Assigned(b, 2, 1, () =>
        {
            b.Admin.Virtualize(Online, 2).Check("online");
            return b.Admin.Virtualize(Assign, 2, Queue, 3);
        })),
        ["online without queues"] = ("1/20+D", b => Assigned(b, 1, 1, () => b.Admin.Virtualize(Online, 2))),
        ["online without interrupts"] = ("1/20+D", b => Assigned(b, 2, 0, () => b.Admin.Virtualize(Online, 2))),
        ["online of a controller that is none"] = ("1/1F+D", b => b.Admin.Virtualize(Online, 6)),
        ["online of a VF that is not enabled"] = ("1/20+D", b =>
        {
            b.Admin.Virtualize(Assign, 5, Queue, 2).Check("queues");
            b.Admin.Virtualize(Assign, 5, Interrupt, 1).Check("interrupts");
            return b.Admin.Virtualize(Online, 5);
        }),

        ["create beyond the capacity"] = ("1/15+D", b => b.Create(1 << 20, 1 << 20)),
        ["create beyond all numbers"] = ("1/15+D", b => b.Create(ulong.MaxValue, ulong.MaxValue)),
        ["create when all identifiers are used"] = ("1/16+D", b =>
        {
            for (int i = 2; i < 8; i++)
                b.Create(2048, 2048).Check("create");
            return b.Create(2048, 2048);
        }),
        ["create nothing"] = ("0/02+D", b => b.Create(0, 0)),
        ["create of a format that is none"] = ("1/0A+D", b => b.Create(2048, 2048, format: 2)),
        ["create with protection"] = ("1/0A+D", b => b.Create(2048, 2048, protection: 1)),
        ["create thin"] = ("1/1B+D", b => b.Create(4096, 2048)),
        ["create of another command set"] = ("1/29+D", b => b.Create(2048, 2048, commandSet: 2)),
        ["create with an identifier"] = ("0/02+D", b => b.Admin.Send(AdminCommand.NamespaceManagement(0, 5), new byte[4096])),
        ["manage by an action that is none"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.NamespaceManagement(2, b.Id))),
        ["create from unmapped memory"] = ("0/04", b => b.Admin.Execute(AdminCommand.NamespaceManagement(0) with { Prp1 = 0x5000 })),
        ["delete a namespace above NN"] = ("0/0B+D", b => b.Admin.DeleteNamespace(9)),
        ["delete namespace 0"] = ("0/0B+D", b => b.Admin.DeleteNamespace(0)),
        ["delete a namespace that nobody has"] = ("0/02+D", b => b.Admin.DeleteNamespace(8)),

        ["attach to nobody"] = ("1/1C+D", b => b.Admin.Attach(b.Detached)),
        ["attach to a controller that is none"] = ("1/1C+D", b => b.Admin.Attach(b.Detached, 6)),
        ["attach to controller 0"] = ("1/1C+D", b => b.Admin.Attach(b.Detached, 0)),
        ["attach twice at once"] = ("1/1C+D", b => b.Admin.Attach(b.Detached, 2, 2)),
        ["attach to more controllers than a list has"] = ("1/1C+D", b => b.Admin.Send(AdminCommand.NamespaceAttachment(0, b.Detached), Ones())),
        ["attach what is attached"] = ("1/18+D", b => b.Admin.Attach(b.Id, 1)),
        ["attach a private namespace to another"] = ("1/19+D", b => b.Admin.Attach(b.Id, 2)),
        ["attach a private namespace to two"] = ("1/19+D", b => b.Admin.Attach(b.Detached, 2, 3)),
        ["attach a namespace above NN"] = ("0/0B+D", b => b.Admin.Attach(9, 1)),
        ["attach a namespace that nobody has"] = ("0/02+D", b => b.Admin.Attach(8, 1)),
        ["attach all namespaces"] = ("0/0B+D", b => b.Admin.Attach(uint.MaxValue, 1)),
        ["detach what is not attached"] = ("1/1A+D", b => b.Admin.Detach(b.Detached, 1)),
        ["attach by an action that is none"] = ("0/02+D", b => b.Admin.Send(AdminCommand.NamespaceAttachment(2, b.Id), new byte[4096])),

        ["format to a format that is none"] = ("1/0A+D", b => b.Admin.Format(b.Id, 2)),
        ["format with protection"] = ("1/0A+D", b => b.Admin.Execute(AdminCommand.FormatNvm(b.Id, 0) with { Dword10 = 1 << 5 })),
        ["format with metadata"] = ("1/0A+D", b => b.Admin.Execute(AdminCommand.FormatNvm(b.Id, 0) with { Dword10 = 1 << 4 })),
        ["format by an erase that is none"] = ("0/02+D", b => b.Admin.Format(b.Id, 0, secureErase: 3)),
        ["format of a namespace above NN"] = ("0/0B+D", b => b.Admin.Format(9)),
        ["format of a namespace that is not attached"] = ("0/02+D", b => b.Admin.Format(b.Detached)),
        ["sanitize by an action that is none"] = ("0/02+D", b => b.Admin.Sanitize(7)),
        ["sanitize by overwriting"] = ("0/02+D", b => b.Admin.Sanitize(3)),
        ["sanitize without deallocation"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.Sanitize(2) with { Dword10 = 2 | 0x200 })),
    };

    public static TheoryData<string> Cases { get; } = [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void N051_A_malformed_management_command_gets_its_status(string name) => MalformedBench.Check(Rows[name].Expected, Rows[name].Send);

    private static CompletionEntry Assigned(MalformedBench bench, int queues, int interrupts, Func<CompletionEntry> send)
    {
        bench.Admin.Virtualize(Assign, 2, Queue, queues).Check("queues");
        bench.Admin.Virtualize(Assign, 2, Interrupt, interrupts).Check("interrupts");
        return send();
    }

    private static byte[] Ones() => [.. Enumerable.Repeat((byte)1, 4096).Select((_, at) => at < 2 ? (byte)0xFF : (byte)1)];
}
