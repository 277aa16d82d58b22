using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What each malformed admin command about queues, identification, logs and features returns.</summary>
public sealed class MalformedAdminCommandTests
{
    private static readonly Dictionary<string, (string Expected, Func<MalformedBench, CompletionEntry> Send)> Rows = new()
    {
        ["unknown opcode"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x7F })),
        ["vendor opcode"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0xC1 })),
        ["firmware commit"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x10 })),
        ["firmware download"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x11 })),
        ["self test"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x14 })),
        ["security send"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x81 })),
        ["security receive"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x82 })),
        ["migration receive"] = ("0/01+D", b => b.Admin.Execute(new SubmissionEntry { Opcode = 0x42 })),
        ["copy on the admin queue"] = ("0/01+D", b => b.Admin.Execute(NvmCommand.Copy(b.Id, 0, 1) with { Prp1 = b.Data })),
        ["FUSE"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.KeepAlive() with { Flags = 1 })),
        ["PSDT 1"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.Identify(IdentifyCns.Controller) with { Flags = 0x40, Prp1 = b.Data })),
        ["reserved PSDT"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.Identify(IdentifyCns.Controller) with { Flags = 0xC0, Prp1 = b.Data })),
        ["data unmapped"] = ("0/04", b => b.Admin.Execute(AdminCommand.Identify(IdentifyCns.Controller) with { Prp1 = 0x5000 })),
        ["PRP1 of bytes"] = ("0/13+D", b => b.Admin.Execute(AdminCommand.Identify(IdentifyCns.Controller) with { Prp1 = b.Data + 1 })),
        ["PRP2 with an offset"] = ("0/13+D",
            b => b.Admin.Execute(AdminCommand.Identify(IdentifyCns.Controller) with { Prp1 = b.Data + 4, Prp2 = b.Data + 4 })),

        ["create completion queue 0"] = ("1/01+D", b => b.Admin.Execute(b.CreateCompletions(id: 0))),
        ["create completion queue above what is granted"] = ("1/01+D", b => b.Admin.Execute(b.CreateCompletions(id: MalformedBench.Pairs + 1))),
        ["create a completion queue that is there"] = ("1/01+D", b => b.Admin.Execute(b.CreateCompletions(id: 1))),
        ["create a completion queue of one entry"] = ("1/02+D", b => b.Admin.Execute(b.CreateCompletions(size: 1))),
        ["create a completion queue above MQES"] = ("1/02+D", b => b.Admin.Execute(b.CreateCompletions(size: 1025))),
        ["create a completion queue with IOCQES 0"] = ("1/02+D", b => WithEntrySizes(b, 6, 0, b.CreateCompletions())),
        ["create a completion queue of a vector that is none"] = ("1/08+D", b => b.Admin.Execute(b.CreateCompletions(vector: 9))),
        ["create a completion queue of vector FFFFh"] = ("1/08+D", b => b.Admin.Execute(b.CreateCompletions(vector: 0xFFFF))),
        ["create a completion queue of a vector while messages are off"] = ("1/08+D", b => WithoutMessages(b, 1)),
        ["create a completion queue of vector 0 while messages are off"] = ("0/00", b => WithoutMessages(b, 0)),
        ["create a completion queue in pieces"] = ("0/02+D", b => InPieces(b, b.CreateCompletions())),
        ["create a completion queue inside a page"] = ("0/13+D", b => InPage(b, b.CreateCompletions())),
        ["create a completion queue of unmapped memory"] = ("0/04", b => b.Admin.Execute(b.CreateCompletions() with { Prp1 = 0x5000 })),
        ["create a submission queue of completion queue 0"] = ("1/01+D", b => b.Admin.Execute(b.CreateQueue(completions: 0))),
        ["create a submission queue of a completion queue above what is granted"] =
            ("1/01+D", b => b.Admin.Execute(b.CreateQueue(completions: MalformedBench.Pairs + 1))),
        ["create a submission queue of a completion queue that is not there"] = ("1/00+D", b => b.Admin.Execute(b.CreateQueue(completions: 5))),
        ["create submission queue 0"] = ("1/01+D", b => b.Admin.Execute(b.CreateQueue(id: 0))),
        ["create a submission queue above what is granted"] = ("1/01+D", b => b.Admin.Execute(b.CreateQueue(id: MalformedBench.Pairs + 1))),
        ["create a submission queue that is there"] = ("1/01+D", b => b.Admin.Execute(b.CreateQueue(id: 1))),
        ["create a submission queue of one entry"] = ("1/02+D", b => b.Admin.Execute(b.CreateQueue(size: 1))),
        ["create a submission queue above MQES"] = ("1/02+D", b => b.Admin.Execute(b.CreateQueue(size: 1025))),
        ["create a submission queue with IOSQES 0"] = ("1/02+D", b => WithEntrySizes(b, 0, 4, b.CreateQueue())),
        ["create a submission queue in pieces"] = ("0/02+D", b => InPieces(b, b.CreateQueue())),
        ["create a submission queue inside a page"] = ("0/13+D", b => InPage(b, b.CreateQueue())),
        ["create a submission queue of unmapped memory"] = ("0/04", b => b.Admin.Execute(b.CreateQueue() with { Prp1 = 0x5000 })),
        ["delete a completion queue in use"] = ("1/0C+D", b => b.Admin.Execute(AdminCommand.DeleteCompletionQueue(1))),
        ["delete completion queue 0"] = ("1/01+D", b => b.Admin.Execute(AdminCommand.DeleteCompletionQueue(0))),
        ["delete a completion queue that is not there"] = ("1/01+D", b => b.Admin.Execute(AdminCommand.DeleteCompletionQueue(7))),
        ["delete submission queue 0"] = ("1/01+D", b => b.Admin.Execute(AdminCommand.DeleteSubmissionQueue(0))),
        ["delete a submission queue that is not there"] = ("1/01+D", b => b.Admin.Execute(AdminCommand.DeleteSubmissionQueue(2))),

        ["identify structure that is none"] = ("0/02+D", b => b.Admin.Identify((IdentifyCns)0x99, new byte[4096], b.Id)),
        ["identify namespace 0"] = ("0/0B+D", b => b.Admin.Identify(IdentifyCns.Namespace, new byte[4096])),
        ["identify a namespace above NN"] = ("0/0B+D", b => b.Admin.Identify(IdentifyCns.Namespace, new byte[4096], 9)),
        ["identify a namespace that is not attached"] = ("0/00", Zeroes),
        ["list namespaces above FFFFFFFEh"] = ("0/0B+D", b => b.Admin.Identify(IdentifyCns.ActiveNamespaces, new byte[4096], uint.MaxValue - 1)),
        ["describe a namespace that is not attached"] =
            ("0/0B+D", b => b.Admin.Identify(IdentifyCns.NamespaceDescriptors, new byte[4096], b.Detached)),
        ["identify of another command set"] =
            ("0/02+D", b => b.Admin.Identify(IdentifyCns.CommandSetNamespace, new byte[4096], b.Id, commandSet: 2)),

        ["log page that is none"] = ("1/09+D", b => b.Admin.GetLogPage(0xC1, new byte[64])),
        ["log page from inside a dword"] = ("0/02+D", b => b.Admin.GetLogPage(0x02, new byte[64], 2)),
        ["log page from behind its end"] = ("0/02+D", b => b.Admin.GetLogPage(0x02, new byte[64], 516)),
        ["log page to unmapped memory"] = ("0/04", b => b.Admin.Execute(AdminCommand.GetLogPage(0x02, 512) with { Prp1 = 0x5000 })),

        ["set a feature that is none"] = ("0/02+D", b => b.Admin.SetFeature(0xD0, 0)),
        ["get a feature that is none"] = ("0/02+D", b => b.Admin.GetFeature(0xD0)),
        ["save a feature"] = ("1/0D+D", b => b.Admin.SetFeature(0x01, 7, saves: true)),
        ["set a controller's feature for a namespace"] = ("1/0F+D", b => b.Admin.SetFeature(0x06, 1, namespaceId: b.Id)),
        ["set a controller's feature for a namespace above NN"] = ("0/0B+D", b => b.Admin.SetFeature(0x06, 1, namespaceId: 9)),
        ["set a controller's feature for all namespaces"] = ("0/00", b => b.Admin.SetFeature(0x06, 1, namespaceId: uint.MaxValue)),
        ["set a namespace's feature for no namespace"] = ("0/0B+D", b => b.Admin.SetFeature(0x84, 1)),
        ["more than 65535 queues"] = ("0/02+D", b => b.Admin.SetFeature(0x07, 0xFFFF)),
        ["number of queues while there are some"] = ("0/0C+D", b => b.Admin.SetFeature(0x07, 0)),
        ["configuration of a vector that is none"] = ("0/02+D", b => b.Admin.SetFeature(0x09, 9)),
        ["power state above NPSS"] = ("0/02+D", b => b.Admin.SetFeature(0x02, 1)),
        ["threshold of a sensor that is none"] = ("0/02+D", b => b.Admin.SetFeature(0x04, 300 | 1 << 16)),
        ["question for the threshold of a sensor that is none"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.GetFeatures(4, 0, 1 << 16))),
        ["host identifier 0"] = ("0/02+D", b => b.Admin.SetHostIdentifier(new byte[16])),
        ["write protection of a kind that is none"] = ("0/02+D", b => b.Admin.SetFeature(0x84, 5, namespaceId: b.Id)),

        ["abort of nothing"] = ("0/00", b => b.Admin.Abort(1, 99)),
        ["event requests above AERL"] = ("1/05", AskForEvents),
        ["shadow doorbells at 0"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.DoorbellBufferConfig(b.Data, 0))),
        ["shadow doorbells inside a page"] = ("0/02+D", b => b.Admin.Execute(AdminCommand.DoorbellBufferConfig(b.Data + 64, b.Data))),
    };

    public static TheoryData<string> Cases { get; } = [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void N051_A_malformed_admin_command_gets_its_status(string name) => MalformedBench.Check(Rows[name].Expected, Rows[name].Send);

    private static CompletionEntry InPieces(MalformedBench bench, in SubmissionEntry create) =>
        bench.Admin.Execute(create with { Dword11 = create.Dword11 & ~1u });

    private static CompletionEntry InPage(MalformedBench bench, in SubmissionEntry create) =>
        bench.Admin.Execute(create with { Prp1 = create.Prp1 + 64 });

    /// <summary>CC may be written while EN is 1; entry sizes count when a queue is created.</summary>
    private static CompletionEntry WithEntrySizes(MalformedBench bench, uint submissions, uint completions, in SubmissionEntry create)
    {
        bench.Rig.Driver.Registers.Write32(NvmeRegister.Configuration, 1 | submissions << 16 | completions << 20);
        return bench.Admin.Execute(create);
    }

    private static CompletionEntry WithoutMessages(MalformedBench bench, int vector)
    {
        using var rig = ControllerRig.Enabled(options: new NvmeOptions { Interrupts = false });
        ulong memory = rig.Memory.Allocate(4096, 4096);
        return rig.Driver.Admin.Execute(AdminCommand.CreateCompletionQueue(3, 8, memory, vector, interrupts: true));
    }

    private static CompletionEntry Zeroes(MalformedBench bench)
    {
        byte[] data = new byte[4096];
        data.AsSpan().Fill(1);
        CompletionEntry done = bench.Admin.Identify(IdentifyCns.Namespace, data, bench.Detached);
        Assert.False(data.AsSpan().ContainsAnyExcept((byte)0));
        return done;
    }

    private static CompletionEntry AskForEvents(MalformedBench bench)
    {
        for (int i = 0; i < 8; i++)
            bench.Admin.RequestEvent();
        return bench.Admin.Execute(AdminCommand.AsyncEventRequest());
    }
}
