using System.Buffers.Binary;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Log pages and features with data byte by byte (NVMe 1.4, 5.14.1 and 5.21.1), as a real controller gives them.</summary>
public sealed class LogLayoutTests : IDisposable
{
    private readonly ControllerRig _rig = ControllerRig.Enabled();

    private AdminClient Admin => _rig.Driver.Admin;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N056_Error_information_has_the_newest_first()
    {
        NamespaceClient disk = _rig.AddDisk();
        new ExpectedPage(4096).Check(Read(0x01, 4096));
        CompletionEntry first = Admin.GetFeature(0xD0);
        CompletionEntry second = disk.Read(1 << 20, new byte[512]);
        byte[] log = Read(0x01, 4096);
        new ExpectedPage(4096)
            .Put64(0, 2).Put16(8, 1).Put16(10, second.CommandId).Put16(12, 0x4080 << 1).Put16(14, 0xFFFF) // count, SQID, CID, status, parameter
            .Put64(16, 1 << 20).Put32(24, disk.NamespaceId)
            .Put64(64, 1).Put16(72, 0).Put16(74, first.CommandId).Put16(76, 0x4002 << 1).Put16(78, 0xFFFF)
            .Check(log);
        for (int i = 0; i < 70; i++)
            Admin.GetFeature(0xD0);
        log = Read(0x01, 4096);
        for (int i = 0; i < 64; i++)
            Assert.Equal(72UL - (ulong)i, BinaryPrimitives.ReadUInt64LittleEndian(log.AsSpan(i * 64)));
    }

    [Fact]
    public void N056_Health_counts_what_was_done()
    {
        NamespaceClient disk = _rig.AddDisk();
        byte[] data = new byte[64 * 1024];
        for (int i = 0; i < 16; i++)
            disk.Write(0, data).Check("write");
        for (int i = 0; i < 3; i++)
            disk.Read(0, data.AsSpan(0, 512)).Check("read");
        Admin.GetFeature(0xD0);

        // 16 times 64 KiB are 2048 units of 512 bytes: 3 thousands, begun ones counted whole.
        new ExpectedPage(512).Put16(1, 298).Put8(3, 100, 10).Put64(32, 1).Put64(48, 3).Put64(64, 3).Put64(80, 16).Put64(176, 1)
            .Check(Read(0x02, 512));
    }

    [Fact]
    public void N056_Firmware_slot_1_has_the_only_revision() =>
        new ExpectedPage(512).Put8(0, 1).PutText(8, 8, "1.0").Check(Read(0x03, 512));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void N056_Command_effects_name_what_is_there(bool isVf)
    {
        _rig.Subsystem.Secondaries.VfsEnabled(1);
        using var vf = new ControllerRig(_rig.Store, vf: 0, subsystem: _rig.Subsystem);
        vf.Driver.Enable();
        var expected = new ExpectedPage(4096);
        foreach (int opcode in (int[])[0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18, 0x7C])
            expected.Put32(4 * opcode, 1);
        expected.Put32(4 * 0x80, 0x0002_0007); // format: content and capability of a namespace, nothing else at once
        foreach (int opcode in (int[])[0x00, 0x02, 0x05, 0x0C, 0x0D, 0x0E, 0x11, 0x15])
            expected.Put32(1024 + (4 * opcode), 1);
        foreach (int opcode in (int[])[0x01, 0x08, 0x09, 0x19])
            expected.Put32(1024 + (4 * opcode), 3);
        if (!isVf)
            expected.Put32(4 * 0x0D, 9).Put32(4 * 0x15, 9).Put32(4 * 0x1C, 1).Put32(4 * 0x84, 0x0002_0003);
        expected.Check(Read(isVf ? vf : _rig, 0x05, 4096));
    }

    [Fact]
    public void N056_Supported_log_pages_are_ten()
    {
        var expected = new ExpectedPage(1024);
        foreach (int page in (int[])[0, 1, 2, 3, 4, 5, 0x0D, 0x12, 0x80, 0x81])
            expected.Put32(4 * page, 1);
        expected.Check(Read(0x00, 1024));
    }

    [Fact]
    public void N056_Feature_effects_name_what_is_there_and_whose_it_is()
    {
        var expected = new ExpectedPage(1024);
        foreach (int feature in (int[])[1, 2, 4, 5, 6, 7, 8, 9, 0x0A, 0x0B, 0x0E, 0x16, 0x81, 0x82])
            expected.Put32(4 * feature, 0x0020_0001); // supported; of the controller
        expected.Put32(4 * 0x83, 0x0010_0001).Put32(4 * 0x84, 0x0010_0005).Check(Read(0x12, 1024)); // of a namespace; its capabilities change
    }

    [Fact]
    public async Task N056_Sanitize_status_before_and_after()
    {
        _rig.AddNamespace();
        new ExpectedPage(512).Put16(0, 0xFFFF).Fill(8, 24, 0xFF).Check(Read(0x81, 512));
        Admin.Sanitize(2).Check("sanitize");
        await _rig.Subsystem.Sanitizing.WaitAsync(TimeSpan.FromSeconds(60));
        byte[] log = Read(0x81, 512);
        new ExpectedPage(512).Put16(0, 0xFFFF).Put16(2, 0x0101).Put32(4, 2).Fill(8, 24, 0xFF).Check(log);
    }

    [Fact]
    public void N056_A_reservation_that_was_taken_is_told_with_its_namespace()
    {
        _rig.Subsystem.Secondaries.VfsEnabled(1);
        using var vf = new ControllerRig(_rig.Store, vf: 0, subsystem: _rig.Subsystem);
        vf.Driver.Enable();
        Admin.CreateNamespace(2048, isShared: true).Check("create");
        Admin.Attach(1, 1, 2).Check("attach");
        var mine = new NamespaceClient(_rig.Driver, _rig.Driver.CreateQueuePair(1, 8), 1);
        var theirs = new NamespaceClient(vf.Driver, vf.Driver.CreateQueuePair(1, 8), 1);
        Admin.SetHostIdentifier([1, .. new byte[15]]).Check("host");
        vf.Driver.Admin.SetHostIdentifier([2, .. new byte[15]]).Check("host");
        mine.Register(0x11).Check("register");
        theirs.Register(0x22).Check("register");
        theirs.Acquire(0x22, ReservationType.WriteExclusive).Check("acquire");
        ushort request = vf.Driver.Admin.RequestEvent();
        mine.Preempt(0x11, 0x22, ReservationType.WriteExclusive).Check("preempt");
        vf.Poll();
        Assert.True(vf.Driver.Admin.TryTakeEvent(request, out CompletionEntry told));
        Assert.Equal(0x0080_0006u, told.Result);

        // Count, type 1 registration preempted, none more, NSID.
        new ExpectedPage(64).Put64(0, 1).Put8(8, 1).Put32(12, 1).Check(Read(vf, 0x80, 64));
        new ExpectedPage(64).Check(Read(vf, 0x80, 64));
    }

    [Fact]
    public void N055_A_timestamp_goes_on_and_says_where_it_came_from()
    {
        const ulong Said = 0x0123_4567_89AB;
        byte[] data = new byte[8];
        Admin.Execute(AdminCommand.GetFeatures(0x0E), data).Check("get");
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(data));
        BinaryPrimitives.WriteUInt64LittleEndian(data, Said | 0xFFFFUL << 48);
        Admin.Send(AdminCommand.SetFeatures(0x0E, 0), data).Check("set");
        Admin.Execute(AdminCommand.GetFeatures(0x0E), data).Check("get");
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(data);
        Assert.Equal(1UL << 1, value >> 48); // origin: Set Features
        Assert.InRange(value & 0xFFFF_FFFF_FFFF, Said, Said + 600_000);
    }

    [Fact]
    public void N055_Host_behavior_is_kept_until_a_reset_and_reserved_bytes_are_not()
    {
        byte[] data = new byte[512];
        Admin.Send(AdminCommand.SetFeatures(0x16, 0), [1, 1, 1, .. new byte[509]]).Check("set");
        Admin.Execute(AdminCommand.GetFeatures(0x16), data).Check("current");
        new ExpectedPage(512).Put8(0, 1).Check(data);
        foreach (int select in (int[])[1, 2])
        {
            Admin.Execute(AdminCommand.GetFeatures(0x16, select), data).Check("default, saved");
            new ExpectedPage(512).Check(data);
        }

        Assert.Equal(4u, Admin.GetFeature(0x16, select: 3).Check("capabilities").Result);
        Assert.Equal(NvmeStatus.Of(0, 0x02, doNotRetry: true), Admin.Send(AdminCommand.SetFeatures(0x16, 0), [2, .. new byte[511]]).Status);
        Assert.Equal(NvmeStatus.Of(1, 0x0D, doNotRetry: true), Admin.Send(AdminCommand.SetFeatures(0x16, 0, saves: true), data).Status);
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        Admin.Execute(AdminCommand.GetFeatures(0x16), data).Check("current");
        new ExpectedPage(512).Check(data);
    }

    [Theory]
    [InlineData(0x0C)]
    [InlineData(0x0D)]
    [InlineData(0x0F)]
    [InlineData(0x80)]
    public void N055_Features_that_nothing_claims_are_invalid_whatever_is_asked(byte feature)
    {
        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        for (int select = 0; select < 4; select++)
            Assert.Equal(refused, Admin.Execute(AdminCommand.GetFeatures(feature, select), new byte[4096]).Status);
        Assert.Equal(refused, Admin.Send(AdminCommand.SetFeatures(feature, 1), new byte[256]).Status);
        Assert.Equal(refused, Admin.Send(AdminCommand.SetFeatures(feature, 1, saves: true), new byte[256]).Status);

        // APSTA, HMPRE and HMMIN, KAS.
        byte[] identity = new byte[4096];
        Admin.Identify(IdentifyCns.Controller, identity).Check("identify");
        Assert.Equal(0, identity[265]);
        Assert.False(identity.AsSpan(272, 8).ContainsAnyExcept((byte)0));
        Assert.False(identity.AsSpan(320, 2).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(false, 8)]
    [InlineData(true, 16)]
    public void N055_A_host_identifier_is_kept_until_a_reset_and_not_changed(bool isExtended, int length)
    {
        byte[] identifier = [.. Enumerable.Range(1, length).Select(i => (byte)i)];
        SubmissionEntry set = AdminCommand.SetFeatures(0x81, isExtended ? 1u : 0);
        SubmissionEntry get = AdminCommand.GetFeatures(0x81, value: isExtended ? 1u : 0);
        byte[] read = new byte[length];
        Admin.Execute(get, read).Check("get");
        Assert.Equal(new byte[length], read);
        Admin.Send(set, identifier).Check("set");
        Admin.Execute(get, read).Check("get");
        Assert.Equal(identifier, read);
        Admin.Send(set, identifier).Check("the same once more");
        Assert.True(Admin.Send(set, [.. identifier.Reverse()]).Status.Is(0, 0x0C));
        Admin.Execute(get, read).Check("get");
        Assert.Equal(identifier, read);
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        Admin.Execute(get, read).Check("get");
        Assert.Equal(new byte[length], read);
    }

    [Fact]
    public void N055_Features_of_a_namespace_say_so_and_are_its_own()
    {
        uint first = _rig.AddNamespace();
        uint second = _rig.AddNamespace();
        foreach (byte feature in (byte[])[0x83, 0x84])
        {
            Assert.Equal(6u, Admin.GetFeature(feature, select: 3, namespaceId: first).Check("capabilities").Result);
            Admin.SetFeature(feature, 1, namespaceId: first).Check("set");
            Assert.Equal(1u, Admin.GetFeature(feature, namespaceId: first).Check("get").Result);
            Assert.Equal(0u, Admin.GetFeature(feature, namespaceId: second).Check("get").Result);
            Assert.True(Admin.GetFeature(feature, namespaceId: 7).Status.Is(0, 0x0B));
            Admin.SetFeature(feature, 0, namespaceId: first).Check("set");
        }
    }

    private byte[] Read(byte page, int length) => Read(_rig, page, length);

    private static byte[] Read(ControllerRig rig, byte page, int length)
    {
        byte[] log = new byte[length];
        log.AsSpan().Fill(0xCC);
        rig.Driver.Admin.GetLogPage(page, log).Check("log page");
        return log;
    }
}
