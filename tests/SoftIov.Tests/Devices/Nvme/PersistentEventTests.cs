using System.Buffers.Binary;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Devices.Nvme.Subsystem;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>The Persistent Event Log byte by byte, and its reporting context (NVMe 1.4, 5.14.1.13).</summary>
public sealed class PersistentEventTests : IDisposable
{
    private const byte Page = 0x0D;
    private const int Read = 0;
    private const int Establish = 1;
    private const int Release = 2;
    private const int HeaderLength = 512;
    private const byte Timestamp = 3;
    private const byte Reset = 4;
    private const byte FormatStart = 7;
    private const byte FormatCompletion = 8;
    private const byte SanitizeStart = 9;
    private const byte SanitizeCompletion = 10;
    private static readonly NvmeStatus SequenceError = NvmeStatus.Of(0, 0x0C, doNotRetry: true);

    private readonly ControllerRig _rig = ControllerRig.Enabled();

    private AdminClient Admin => _rig.Driver.Admin;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N056_The_header_says_whose_log_it_is_and_what_it_may_hold()
    {
        byte[] log = ReadAll(out List<Event> events);
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(log.AsSpan(20));
        Assert.InRange(time, 0UL, 600_000UL);
        new ExpectedPage(HeaderLength)
            .Put8(0, Page).Put32(4, (uint)events.Count).Put64(8, (ulong)log.Length).Put8(16, 1).Put16(18, HeaderLength - 20) // TNEV, TLL, LREV, LHL
            .Put64(20, time)
            .Put16(52, 0x1AF4).Put16(54, 0x1AF4).PutText(56, 20, "SI0001").PutText(76, 40, "SoftIov NVMe")
            .PutText(116, 256, _rig.Subsystem.Settings.Nqn, '\0')
            .Put8(480, 0b1001_1000, 0b0000_0111) // events 3, 4, 7 to 10
            .Check(log.AsSpan(0, HeaderLength));
        Assert.All(events, each => Assert.Equal((Reset, 1), (each.Type, each.Controller)));
        Assert.NotEmpty(events);
    }

    [Fact]
    public void N056_A_context_is_established_once_and_read_in_parts_until_it_is_released()
    {
        byte[] header = new byte[HeaderLength];
        Assert.Equal(SequenceError, Get(Read, header));
        Assert.Equal(default, Get(Release, header));
        Assert.Equal(default, Get(Establish, header));
        Assert.Equal(SequenceError, Get(Establish, header));
        Assert.Equal(NvmeStatus.Of(0, 0x02, doNotRetry: true), Get(3, header));

        // What comes later is not in it.
        Admin.Send(AdminCommand.SetFeatures(0x0E, 0), new byte[8]).Check("timestamp");
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8));
        byte[] whole = new byte[length + 64];
        whole.AsSpan().Fill(0xCC);
        Assert.Equal(default, Get(Read, whole));
        Assert.Equal(header, whole[..HeaderLength]);
        Assert.False(whole.AsSpan(length).ContainsAnyExcept((byte)0));
        byte[] parts = new byte[length];
        for (int at = 0; at < length; at += 4)
            Assert.Equal(default, Get(Read, parts.AsSpan(at, 4), at));
        Assert.Equal(whole[..length], parts);
        Assert.Equal(NvmeStatus.Of(0, 0x02, doNotRetry: true), Get(Read, header, length + 4));

        Assert.Equal(default, Get(Release, header));
        Assert.Equal(SequenceError, Get(Read, header));
        ReadAll(out List<Event> later);
        Assert.Equal(Timestamp, later[0].Type);
    }

    [Fact]
    public void N056_A_context_that_could_not_be_read_is_none_and_a_reset_ends_one()
    {
        byte[] header = new byte[HeaderLength];
        Assert.True(Admin.Execute(Command(Establish, 512, 0) with { Prp1 = 0x1000 }).Status.Is(0, 0x04));
        Assert.True(Get(Establish, header, 1 << 20).Is(0, 0x02));
        Assert.Equal(default, Get(Establish, header));
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        Assert.Equal(SequenceError, Get(Read, header));
        Assert.Equal(default, Get(Establish, header));
    }

    [Fact]
    public void N056_A_reset_and_a_timestamp_are_told_newest_first()
    {
        const ulong Said = 0x0123_4567_89AB;
        byte[] said = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(said, Said);
        Admin.Send(AdminCommand.SetFeatures(0x0E, 0), said).Check("timestamp");
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        ReadAll(out List<Event> events);
        (Event reset, Event change) = (events[0], events[1]);
        Assert.Equal((Reset, Timestamp), (reset.Type, change.Type));

        // The event of a reset is of the time before; both have the origin in bit 49.
        Assert.InRange(change.Time, Said | 1UL << 49, Said + 600_000 | 1UL << 49);
        Assert.InRange(reset.Time, change.Time, change.Time + 600_000);
        Assert.InRange(BinaryPrimitives.ReadUInt64LittleEndian(change.Data), 0UL, 600_000UL);
        Assert.InRange(BinaryPrimitives.ReadUInt64LittleEndian(change.Data.AsSpan(8)), 0UL, 600_000UL);
        ulong poweredOn = BinaryPrimitives.ReadUInt64LittleEndian(reset.Data.AsSpan(28));
        ulong time = BinaryPrimitives.ReadUInt64LittleEndian(reset.Data.AsSpan(36));
        Assert.InRange(poweredOn, 0UL, 600_000UL);
        Assert.InRange(time, change.Time, reset.Time);
        new ExpectedPage(44).PutText(0, 8, "1.0").Put16(8, 1).Put64(28, poweredOn).Put64(36, time).Check(reset.Data);
    }

    [Fact]
    public void N056_A_format_has_a_beginning_and_an_end_and_one_that_is_refused_neither()
    {
        uint id = _rig.AddNamespace();
        Admin.Format(id, 1).Check("format");
        Assert.True(Admin.Format(id, 9).Status.Is(1, 0x0A));
        ReadAll(out List<Event> events);
        (Event end, Event start) = (events[0], events[1]);
        Assert.Equal((FormatCompletion, FormatStart), (end.Type, start.Type));
        new ExpectedPage(12).Put32(0, id).Put8(4, 4).Put32(8, 1).Check(start.Data); // NSID, FNA, dword 10
        new ExpectedPage(12).Put32(0, id).Check(end.Data);
        Assert.All(events.Skip(2), each => Assert.Equal(Reset, each.Type));
    }

    [Fact]
    public async Task N056_A_sanitize_operation_has_a_beginning_and_an_end()
    {
        Admin.Sanitize(2).Check("sanitize");
        await _rig.Subsystem.Sanitizing.WaitAsync(TimeSpan.FromSeconds(60));
        ReadAll(out List<Event> events);
        (Event end, Event start) = (events[0], events[1]);
        Assert.Equal((SanitizeCompletion, SanitizeStart), (end.Type, start.Type));
        new ExpectedPage(12).Put32(0, 0x6000_0003).Put32(4, 2).Check(start.Data);
        new ExpectedPage(8).Put16(0, 0xFFFF).Put16(2, 0x0101).Check(end.Data);
    }

    [Fact]
    public void N069_A_VF_has_no_such_log_and_pushes_out_no_events_but_its_own()
    {
        _rig.Subsystem.Secondaries.VfsEnabled(2);
        using var vf = new ControllerRig(_rig.Store, vf: 0, subsystem: _rig.Subsystem);
        vf.Driver.Enable();
        Assert.Equal(NvmeStatus.Of(1, 0x09, doNotRetry: true), vf.Driver.Admin.Execute(Command(Establish, 512, 0)).Status);
        byte[] supported = new byte[1024];
        vf.Driver.Admin.GetLogPage(0x00, supported).Check("supported log pages");
        Assert.Equal(0, supported[Page * 4]);

        ReadAll(out List<Event> before);
        Assert.Equal(default, Get(Release, new byte[4]));
        for (int i = 0; i < 40; i++)
            vf.Driver.Admin.Send(AdminCommand.SetFeatures(0x0E, 0), new byte[8]).Check("timestamp");
        byte[] log = ReadAll(out List<Event> after);
        Assert.Equal(32, after.Count(each => each.Controller == 2));
        Assert.Equal(OfPrimary(before), OfPrimary(after));
        byte[] identity = new byte[4096];
        Admin.Identify(IdentifyCns.Controller, identity).Check("identify");
        Assert.InRange(log.Length, HeaderLength, (int)BinaryPrimitives.ReadUInt32LittleEndian(identity.AsSpan(352)) << 16);
    }

    [Fact]
    public void A_format_that_fails_says_so()
    {
        var fixture = new SubsystemFixture();
        uint id = fixture.Create();
        fixture.Store.IsFailing = true;
        fixture.Subsystem.Format([id], 1);
        byte[] log = fixture.Subsystem.PersistentEvents.Snapshot(0, out int count);
        Event end = Parse(log, 0, count)[0];
        Assert.Equal(FormatCompletion, end.Type);
        new ExpectedPage(12).Put32(0, id).Put8(5, 3).Put32(8, 6).Check(end.Data); // errors and incomplete; Internal Error
    }

    private static SubmissionEntry Command(int action, int length, long offset)
    {
        SubmissionEntry command = AdminCommand.GetLogPage(Page, length, (ulong)offset);
        return command with { Dword10 = command.Dword10 | (uint)action << 8 };
    }

    private NvmeStatus Get(int action, Span<byte> data, long offset = 0) => Admin.Execute(Command(action, data.Length, offset), data).Status;

    private byte[] ReadAll(out List<Event> events)
    {
        byte[] header = new byte[HeaderLength];
        Assert.Equal(default, Get(Establish, header));
        byte[] log = new byte[(int)BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(8))];
        Assert.Equal(default, Get(Read, log));
        Assert.Equal(default, Get(Release, header));
        events = Parse(log, HeaderLength, (int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)));
        return log;
    }

    private static IEnumerable<byte> OfPrimary(List<Event> events) => events.Where(each => each.Controller == 1).Select(each => each.Type);

    private static List<Event> Parse(ReadOnlySpan<byte> log, int at, int count)
    {
        var events = new List<Event>();
        for (; at < log.Length; at += 24 + events[^1].Data.Length)
        {
            ReadOnlySpan<byte> entry = log[at..];
            int length = BinaryPrimitives.ReadUInt16LittleEndian(entry[22..]);
            ushort controller = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
            ulong time = BinaryPrimitives.ReadUInt64LittleEndian(entry[6..]);
            new ExpectedPage(24).Put8(0, entry[0], 1, 21).Put16(4, controller).Put64(6, time).Put16(22, (ushort)length).Check(entry[..24]);
            events.Add(new Event(entry[0], controller, time, entry.Slice(24, length).ToArray()));
        }

        Assert.Equal(log.Length, at);
        Assert.Equal(count, events.Count);
        return events;
    }

    private sealed record Event(byte Type, int Controller, ulong Time, byte[] Data);
}
