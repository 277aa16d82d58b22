using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>What each command has in dwords 0, 1 and 10 to 13, written by hand from the specification.</summary>
public sealed class CommandTests
{
    public static TheoryData<string, SubmissionEntry, uint, uint[]> AdminCommands => new()
    {
        { "06", AdminCommand.Identify(IdentifyCns.Namespace, 7), 7, [0x00] },
        { "06", AdminCommand.Identify(IdentifyCns.SecondaryControllers, 0, 0x1234), 0, [0x12340015] },
        { "06", AdminCommand.Identify(IdentifyCns.CommandSetNamespace, 7, 0, 2), 7, [0x05, 0x02000000] },
        { "02", AdminCommand.GetLogPage(2, 512), 0, [0x007F0002] },
        { "02", AdminCommand.GetLogPage(1, 0x40000 * 4, 0x1_2345_6788, true, uint.MaxValue), uint.MaxValue, [0xFFFF8001, 3, 0x23456788, 1] },
        { "09", AdminCommand.SetFeatures(7, 0x00030003), 0, [0x07, 0x00030003] },
        { "09", AdminCommand.SetFeatures(6, 1, true, 5), 5, [0x80000006, 1] },
        { "0A", AdminCommand.GetFeatures(0x0B, 3), 0, [0x30B] },
        { "05", AdminCommand.CreateCompletionQueue(3, 2, 0, 5, true), 0, [0x00010003, 0x00050003] },
        { "05", AdminCommand.CreateCompletionQueue(3, 65536, 0, 0, false), 0, [0xFFFF0003, 0x00000001] },
        { "01", AdminCommand.CreateSubmissionQueue(4, 1024, 0, 3, 2), 0, [0x03FF0004, 0x00030005] },
        { "04", AdminCommand.DeleteCompletionQueue(3), 0, [3] },
        { "00", AdminCommand.DeleteSubmissionQueue(4), 0, [4] },
        { "08", AdminCommand.Abort(4, 0xABCD), 0, [0xABCD0004] },
        { "0C", AdminCommand.AsyncEventRequest(), 0, [] },
        { "18", AdminCommand.KeepAlive(), 0, [] },
        { "0D", AdminCommand.NamespaceManagement(0), 0, [0] },
        { "0D", AdminCommand.NamespaceManagement(1, 9), 9, [1] },
        { "15", AdminCommand.NamespaceAttachment(1, 9), 9, [1] },
        { "1C", AdminCommand.VirtualizationManagement(VirtualizationAction.Assign, 0x21, ResourceType.Interrupt, 3), 0, [0x00210108, 3] },
        { "1C", AdminCommand.VirtualizationManagement(VirtualizationAction.Online, 0x21), 0, [0x00210009] },
        { "80", AdminCommand.FormatNvm(1, 0x12, 1), 1, [0x1202] },
        { "84", AdminCommand.Sanitize(3, 0xDEADBEEF), 0, [3, 0xDEADBEEF] },
    };

    public static TheoryData<string, SubmissionEntry, uint, uint[]> NvmCommands => new()
    {
        { "02", NvmCommand.Read(1, 0x1_0000_0002, 8), 1, [2, 1, 7] },
        { "01", NvmCommand.Write(1, 2, 65536, NvmCommand.ForceUnitAccess), 1, [2, 0, 0x4000FFFF] },
        { "05", NvmCommand.Compare(1, 2, 1), 1, [2] },
        { "0C", NvmCommand.Verify(1, 2, 3), 1, [2, 0, 2] },
        { "08", NvmCommand.WriteZeroes(1, 2, 3, true), 1, [2, 0, 0x02000002] },
        { "04", NvmCommand.WriteUncorrectable(1, 2, 3), 1, [2, 0, 2] },
        { "00", NvmCommand.Flush(uint.MaxValue), uint.MaxValue, [] },
        { "09", NvmCommand.Deallocate(1, 256), 1, [0xFF, 4] },
        { "19", NvmCommand.Copy(1, 0x3_0000_0004, 2), 1, [4, 3, 1] },
        { "0D", NvmCommand.ReservationRegister(1, 2, true, 3), 1, [0xC000000A] },
        { "11", NvmCommand.ReservationAcquire(1, 1, ReservationType.ExclusiveAccessRegistrants), 1, [0x401] },
        { "15", NvmCommand.ReservationRelease(1, 1, ReservationType.WriteExclusive, true), 1, [0x109] },
        { "0E", NvmCommand.ReservationReport(1, 4096, true), 1, [1023, 1] },
    };

    [Theory]
    [MemberData(nameof(AdminCommands))]
    [MemberData(nameof(NvmCommands))]
    public void Commands_are_what_the_specification_says(string opcode, SubmissionEntry entry, uint namespaceId, uint[] from10)
    {
        var expected = new uint[16];
        expected[0] = Convert.ToUInt32(opcode, 16);
        expected[1] = namespaceId;
        from10.CopyTo(expected, 10);
        Assert.Equal(expected, Dwords(entry));
    }

    [Fact]
    public void Addresses_of_queues_and_of_shadow_doorbells_are_in_the_data_pointer()
    {
        Assert.Equal(0x123456000u, AdminCommand.CreateCompletionQueue(1, 2, 0x123456000, 0, false).Prp1);
        Assert.Equal(0x123456000u, AdminCommand.CreateSubmissionQueue(1, 2, 0x123456000, 1).Prp1);
        SubmissionEntry shadows = AdminCommand.DoorbellBufferConfig(0x1000, 0x2000);
        Assert.Equal((0x7C, 0x1000ul, 0x2000ul), (shadows.Opcode, shadows.Prp1, shadows.Prp2));
    }

    private static uint[] Dwords(SubmissionEntry entry) =>
        MemoryMarshal.Cast<SubmissionEntry, uint>(new ReadOnlySpan<SubmissionEntry>(in entry)).ToArray();
}
