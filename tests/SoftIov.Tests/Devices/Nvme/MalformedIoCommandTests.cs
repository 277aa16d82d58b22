using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>What each malformed command of an I/O queue returns.</summary>
public sealed class MalformedIoCommandTests
{
    private const int Page = MalformedBench.Page;

    private static readonly Dictionary<string, (string Expected, Func<MalformedBench, CompletionEntry> Send)> Rows = new()
    {
        ["unknown opcode"] = ("0/01+D", b => b.Io(new SubmissionEntry { Opcode = 0x40, NamespaceId = b.Id })),
        ["vendor opcode"] = ("0/01+D", b => b.Io(new SubmissionEntry { Opcode = 0xC0, NamespaceId = b.Id })),
        ["write uncorrectable, which is not offered"] = ("0/01+D", b => b.Disk.WriteUncorrectable(0, 1)),
        ["identify on an I/O queue"] = ("0/01+D", b => b.Io(AdminCommand.Identify(IdentifyCns.Controller, b.Id) with { Prp1 = b.Data })),
        ["event request on an I/O queue"] = ("0/0B+D", b => b.Io(AdminCommand.AsyncEventRequest())),
        ["FUSE first"] = ("0/02+D", b => b.Io(NvmCommand.Compare(b.Id, 0, 1) with { Flags = 1, Prp1 = b.Data })),
        ["FUSE second, alone"] = ("0/02+D", b => b.Io(NvmCommand.Write(b.Id, 0, 1) with { Flags = 2, Prp1 = b.Data })),
        ["reserved FUSE"] = ("0/02+D", b => b.Io(NvmCommand.Write(b.Id, 0, 1) with { Flags = 3, Prp1 = b.Data })),
        ["PSDT 1"] = ("0/02+D", b => b.Io(NvmCommand.Read(b.Id, 0, 1) with { Flags = 0x40, Prp1 = b.Data })),
        ["PSDT 2"] = ("0/02+D", b => b.Io(NvmCommand.Read(b.Id, 0, 1) with { Flags = 0x80, Prp1 = b.Data })),
        ["reserved PSDT"] = ("0/02+D", b => b.Io(NvmCommand.Read(b.Id, 0, 1) with { Flags = 0xC0, Prp1 = b.Data })),
        ["NSID 0"] = ("0/0B+D", b => b.Io(NvmCommand.Read(0, 0, 1) with { Prp1 = b.Data })),
        ["NSID above NN"] = ("0/0B+D", b => b.Io(NvmCommand.Read(MalformedBench.MostNamespaces + 1, 0, 1) with { Prp1 = b.Data })),
        ["NSID FFFFFFFFh of a read"] = ("0/0B+D", b => b.Io(NvmCommand.Read(uint.MaxValue, 0, 1) with { Prp1 = b.Data })),
        ["NSID FFFFFFFFh of a write"] = ("0/0B+D", b => b.Io(NvmCommand.Write(uint.MaxValue, 0, 1) with { Prp1 = b.Data })),
        ["NSID FFFFFFFFh of a flush"] = ("0/00", b => b.Io(NvmCommand.Flush(uint.MaxValue))),
        ["NSID that is not attached"] = ("0/02+D", b => b.Io(NvmCommand.Read(b.Detached, 0, 1) with { Prp1 = b.Data })),
        ["NSID that nobody has"] = ("0/02+D", b => b.Io(NvmCommand.Write(MalformedBench.MostNamespaces, 0, 1) with { Prp1 = b.Data })),
        ["data unmapped"] = ("0/04", b => b.Io(NvmCommand.Read(b.Id, 0, 1) with { Prp1 = 0x5000 })),
        ["second page unmapped"] = ("0/04", b => b.Io(NvmCommand.Write(b.Id, 0, 16) with { Prp1 = b.Data, Prp2 = 0x5000 })),
        ["list unmapped"] = ("0/04", b => b.Io(NvmCommand.Read(b.Id, 0, 64) with { Prp1 = b.Data, Prp2 = 0x5000 })),
        ["entry of a list unmapped"] = ("0/04", b => WithList(b, 0x5000)),
        ["PRP1 of bytes"] = ("0/13+D", b => b.Io(NvmCommand.Read(b.Id, 0, 1) with { Prp1 = b.Data + 2 })),
        ["PRP2 with an offset"] = ("0/13+D", b => b.Io(NvmCommand.Read(b.Id, 0, 16) with { Prp1 = b.Data, Prp2 = b.Data + Page + 512 })),
        ["list of dwords"] = ("0/13+D", b => b.Io(NvmCommand.Read(b.Id, 0, 64) with { Prp1 = b.Data, Prp2 = b.Data + 4 })),
        ["entry of a list with an offset"] = ("0/13+D", b => WithList(b, b.Data + 512)),
        ["transfer above MDTS"] = ("0/02+D", b => b.Io(NvmCommand.Read(b.Id, 0, 513) with { Prp1 = b.Data, Prp2 = b.Data })),
        ["read beyond the end"] = ("0/80+D", b => b.Io(NvmCommand.Read(b.Id, 16384, 1) with { Prp1 = b.Data })),
        ["write across the end"] = ("0/80+D", b => b.Io(NvmCommand.Write(b.Id, 16383, 2) with { Prp1 = b.Data })),
        ["write zeroes beyond the end"] = ("0/80+D", b => b.Disk.WriteZeroes(ulong.MaxValue, 2)),
        ["deallocate beyond the end"] = ("0/80+D", b => b.Disk.Deallocate(new BlockRange(0, uint.MaxValue, 1))),
        ["deallocate with ranges unmapped"] = ("0/04", b => b.Io(NvmCommand.Deallocate(b.Id, 256) with { Prp1 = 0x5000 })),
        ["copy of a descriptor format that is none"] = ("0/02+D", b => b.Io(NvmCommand.Copy(b.Id, 0, 1) with { Dword12 = 0x100, Prp1 = b.Data })),
        ["copy of too many ranges"] = ("1/83+D", b => b.Disk.Copy(0, new CopyRange[129])),
        ["copy of too many blocks"] = ("1/83+D", b => b.Disk.Copy(0, new CopyRange(0, 400), new CopyRange(1000, 400))),
        ["compare of what differs"] = ("2/85+D", b => b.Disk.Compare(0, [.. Enumerable.Repeat((byte)1, 512)])),
        ["write to a write-protected namespace"] = ("0/20+D", b => Protected(b, () => b.Disk.Write(0, new byte[512]))),
        ["write zeroes to a write-protected namespace"] = ("0/20+D", b => Protected(b, () => b.Disk.WriteZeroes(0, 1))),
        ["deallocate of a write-protected namespace"] = ("0/20+D", b => Protected(b, () => b.Disk.Deallocate(new BlockRange(0, 1, 0)))),
        ["copy within a write-protected namespace"] = ("0/20+D", b => Protected(b, () => b.Disk.Copy(8, new CopyRange(0, 1)))),
        ["format of a write-protected namespace"] = ("0/20+D", b => Protected(b, () => b.Admin.Format(b.Id))),
        ["flush of a write-protected namespace"] = ("0/00", b => Protected(b, () => b.Disk.Flush())),
        ["read of a write-protected namespace"] = ("0/00", b => Protected(b, () => b.Disk.Read(0, new byte[512]))),
        ["register without a host identifier"] = ("0/0C+D", b => b.Disk.Register(1)),
        ["acquire without a host identifier"] = ("0/0C+D", b => b.Disk.Acquire(1, ReservationType.WriteExclusive)),
        ["release without a host identifier"] = ("0/0C+D", b => b.Disk.Release(1, ReservationType.WriteExclusive)),
        ["acquire of a type that is none"] = ("0/02+D", b => AsHost(b, () => b.Disk.Acquire(1, (ReservationType)7))),
        ["acquire with another key"] = ("0/83+D", b => AsHost(b, () => b.Disk.Acquire(2, ReservationType.WriteExclusive))),
        ["registration of another key"] = ("0/83+D", b => AsHost(b, () => b.Disk.Register(2))),
        ["registration of key 0"] = ("0/02+D", b => AsHost(b, () => b.Disk.ReplaceKey(1, 0))),
        ["release of another type"] = ("0/02+D", b => AsHost(b, () => Acquired(b, () => b.Disk.Release(1, ReservationType.ExclusiveAccess)))),
        ["report above the largest transfer"] = ("0/02+D", b => b.Io(NvmCommand.ReservationReport(b.Id, 300 << 10, true) with { Prp1 = b.Data })),
        ["report of another form than the host's"] = ("0/18+D",
            b => AsHost(b, () => b.Io(NvmCommand.ReservationReport(b.Id, 64, isExtended: false) with { Prp1 = b.Data }))),
        ["keys unmapped"] = ("0/04", b => b.Io(NvmCommand.ReservationRegister(b.Id, 0) with { Prp1 = 0x5000 })),
    };

    public static TheoryData<string> Cases { get; } = [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void N051_A_malformed_IO_command_gets_its_status(string name) => MalformedBench.Check(Rows[name].Expected, Rows[name].Send);

    private static CompletionEntry WithList(MalformedBench bench, ulong second)
    {
        ulong list = bench.Rig.Memory.Allocate(Page, Page);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bench.Rig.Memory.Span(list, Page));
        words[0] = bench.Data;
        words[1] = second;
        return bench.Io(NvmCommand.Read(bench.Id, 0, 24) with { Prp1 = bench.Data, Prp2 = list });
    }

    private static CompletionEntry Protected(MalformedBench bench, Func<CompletionEntry> send)
    {
        bench.Admin.SetFeature(0x84, 1, namespaceId: bench.Id).Check("protect");
        CompletionEntry done = send();
        bench.Admin.SetFeature(0x84, 0, namespaceId: bench.Id).Check("unprotect");
        return done;
    }

    /// <summary>With a host that is registered by key 1.</summary>
    private static CompletionEntry AsHost(MalformedBench bench, Func<CompletionEntry> send)
    {
        bench.Admin.SetHostIdentifier([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]).Check("host");
        bench.Disk.Register(1).Check("register");
        return send();
    }

    private static CompletionEntry Acquired(MalformedBench bench, Func<CompletionEntry> send)
    {
        bench.Disk.Acquire(1, ReservationType.WriteExclusive).Check("acquire");
        return send();
    }
}
