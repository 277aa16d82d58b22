using System.Runtime.InteropServices;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>Entries as they lie in memory, against bytes written by hand from the specification.</summary>
public sealed class EntryTests
{
    [Fact]
    public void Fields_of_a_command_lie_where_the_specification_has_them()
    {
        var entry = new SubmissionEntry
        {
            Opcode = 0x02,
            Flags = 0x41,
            CommandId = 0x1234,
            NamespaceId = 0x0A0B0C0D,
            Dword2 = 0x22222221,
            Dword3 = 0x33333332,
            MetadataPointer = 0x4444444344444442,
            Prp1 = 0x6666666566666664,
            Prp2 = 0x8888888788888886,
            Dword10 = 0xAAAAAAA9,
            Dword11 = 0xBBBBBBBA,
            Dword12 = 0xCCCCCCCB,
            Dword13 = 0xDDDDDDDC,
            Dword14 = 0xEEEEEEED,
            Dword15 = 0xFFFFFFFE,
        };
        Assert.Equal(
            "02413412" + "0D0C0B0A" + "21222222" + "32333333" + "4244444443444444" + "6466666665666666" + "8688888887888888" +
            "A9AAAAAA" + "BABBBBBB" + "CBCCCCCC" + "DCDDDDDD" + "EDEEEEEE" + "FEFFFFFF",
            Hex(entry));
        Assert.Equal(64, SubmissionEntry.Size);
        Assert.Equal(64, Marshal.SizeOf<SubmissionEntry>());
    }

    [Fact]
    public void A_completion_is_read_field_by_field()
    {
        // Status 1/0C with DNR and More, CRD 2, phase 1: DW3 31:17 are SC, SCT, CRD, M, DNR from the lowest bit up.
        byte[] bytes = Convert.FromHexString("78563412" + "EFCDAB89" + "1100" + "2200" + "3300" + "19E2");
        CompletionEntry entry = MemoryMarshal.Read<CompletionEntry>(bytes);
        Assert.Equal(0x12345678u, entry.Result);
        Assert.Equal(0x89ABCDEFu, entry.Dword1);
        Assert.Equal(0x11, entry.SubmissionHead);
        Assert.Equal(0x22, entry.SubmissionQueueId);
        Assert.Equal(0x33, entry.CommandId);
        Assert.True(entry.Phase);
        NvmeStatus status = entry.Status;
        Assert.Equal((1, 0x0C, 2, true, true), (status.Type, status.Code, status.RetryDelay, status.HasMore, status.DoNotRetry));
        Assert.Equal("1/0C+D", entry.Status.ToString());
        Assert.Equal(entry.Status, Assert.Throws<NvmeException>(() => entry.Check("it")).Status);
    }

    [Fact]
    public void A_success_of_the_other_phase_is_a_success()
    {
        CompletionEntry entry = MemoryMarshal.Read<CompletionEntry>(new byte[CompletionEntry.Size]);
        Assert.False(entry.Phase);
        Assert.Equal(entry, entry.Check("it"));
    }

    [Fact]
    public void A_status_made_of_its_numbers_is_the_one_that_is_read()
    {
        Assert.Equal(0x4285, NvmeStatus.Of(2, 0x85, doNotRetry: true).Value);
        Assert.True(NvmeStatus.Of(2, 0x85, doNotRetry: true).Is(2, 0x85));
        Assert.False(NvmeStatus.Of(0, 0x85).Is(2, 0x85));
    }

    [Fact]
    public void Ranges_lie_where_the_specification_has_them()
    {
        Assert.Equal("04030201" + "08000000" + "8877665544332211", Hex(new BlockRange(0x01020304, 8, 0x1122334455667788)));
        Assert.Equal("0000000000000000" + "8877665544332211" + "0700" + "0000000000000000000000000000", Hex(new CopyRange(0x1122334455667788, 8)));
    }

    private static string Hex<T>(T value)
        where T : struct => Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
}
