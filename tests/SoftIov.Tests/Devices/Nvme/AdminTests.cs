using System.Buffers.Binary;
using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Admin commands of one controller, the PF's unless told (NVMe 1.4, 5): what is not there, events, features.</summary>
public sealed class AdminTests : IDisposable
{
    private const uint NamespaceAttributeNotices = 1 << 8;

    private readonly ControllerRig _rig = ControllerRig.Enabled();

    private AdminClient Admin => _rig.Driver.Admin;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N051_Every_structure_that_is_none_is_refused()
    {
        uint id = _rig.AddNamespace();
        int[] known = [0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x1C];
        byte[] data = new byte[AdminClient.IdentifyLength];
        for (int cns = 0; cns < 256; cns++)
        {
            NvmeStatus status = Admin.Identify((IdentifyCns)cns, data, id).Status;
            Assert.Equal(known.Contains(cns) ? default : NvmeStatus.Of(0, 0x02, doNotRetry: true), status);
        }
    }

    [Fact]
    public void N051_Every_log_page_that_is_none_is_refused_and_log_0_names_the_others()
    {
        byte[] supported = new byte[1024];
        Admin.GetLogPage(0x00, supported).Check("supported log pages");
        int[] known = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0D, 0x12, 0x80, 0x81];
        for (int page = 0; page < 256; page++)
        {
            // The persistent event log is there for whoever establishes a context.
            SubmissionEntry get = AdminCommand.GetLogPage((byte)page, 64) with { Prp1 = Admin.DataAddress };
            NvmeStatus status = Admin.Execute(get with { Dword10 = get.Dword10 | (page == 0x0D ? 1u << 8 : 0) }).Status;
            Assert.Equal(known.Contains(page) ? default : NvmeStatus.Of(1, 0x09, doNotRetry: true), status);
            Assert.Equal(known.Contains(page) ? 1u : 0, BinaryPrimitives.ReadUInt32LittleEndian(supported.AsSpan(page * 4)));
        }
    }

    [Fact]
    public void N051_Every_feature_that_is_none_is_refused()
    {
        uint id = _rig.AddNamespace();
        int[] known = [1, 2, 4, 5, 6, 7, 8, 9, 0x0A, 0x0B, 0x0E, 0x16, 0x81, 0x82, 0x83, 0x84];
        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        for (int feature = 0; feature < 256; feature++)
        {
            SubmissionEntry get = AdminCommand.GetFeatures((byte)feature, namespaceId: id) with { Prp1 = Admin.DataAddress };
            Assert.Equal(known.Contains(feature) ? default : refused, Admin.Execute(get).Status);
            if (!known.Contains(feature))
                Assert.Equal(refused, Admin.SetFeature((byte)feature, 0, namespaceId: id).Status);
        }
    }

    [Fact]
    public void N051_Every_opcode_that_is_none_is_refused()
    {
        int[] known = [0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x15, 0x18, 0x1C, 0x7C, 0x80, 0x84];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (!known.Contains(opcode))
                Assert.Equal(NvmeStatus.Of(0, 0x01, doNotRetry: true), Admin.Execute(new SubmissionEntry { Opcode = (byte)opcode }).Status);
        }
    }

    [Fact]
    public void N051_Every_opcode_of_an_IO_queue_that_is_none_is_refused()
    {
        NamespaceClient disk = _rig.AddDisk();
        int[] known = [0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0C, 0x0D, 0x0E, 0x11, 0x15, 0x19];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            SubmissionEntry command = new() { Opcode = (byte)opcode, NamespaceId = disk.NamespaceId };
            if (!known.Contains(opcode))
                Assert.Equal(NvmeStatus.Of(0, 0x01, doNotRetry: true), disk.Execute(command).Status);
        }
    }

    [Fact]
    public void N052_What_Windows_probes_leaves_a_healthy_controller()
    {
        NamespaceClient disk = _rig.AddDisk();
        ushort[] requests = [.. Enumerable.Range(0, 4).Select(_ => Admin.RequestEvent())];
        Assert.Equal(NvmeStatus.Of(0, 0x02, doNotRetry: true), Admin.GetFeature(0xD0).Status);
        Assert.Equal(NvmeStatus.Of(1, 0x09, doNotRetry: true), Admin.GetLogPage(0xC1, new byte[512]).Status);
        foreach (byte page in (byte[])[1, 2, 3])
            Admin.GetLogPage(page, new byte[512]).Check("log page");
        foreach ((byte feature, uint value) in ((byte, uint)[])[(1, 7), (2, 0), (4, 350), (5, 0), (6, 1), (8, 0), (9, 0), (0x0A, 0), (0x0B, 0x1F)])
        {
            Admin.SetFeature(feature, value).Check("set");
            Assert.Equal(value, Admin.GetFeature(feature).Check("get").Result);
        }

        _rig.Driver.Registers.Write32(NvmeRegister.InterruptMaskSet, 1);
        _rig.Driver.Registers.Write32(NvmeRegister.InterruptMaskClear, 1);
        Assert.NotEqual(0UL, _rig.Driver.Registers.Read64(NvmeRegister.AdminSubmissionQueue));
        foreach (ushort request in requests)
            Assert.False(Admin.TryTakeEvent(request, out _));
        disk.Flush().Check("flush");
        Assert.False(_rig.Driver.Registers.Status.IsFatal);
    }

    [Fact]
    public void N053_As_many_event_requests_as_Identify_says_are_parked_and_one_more_is_refused()
    {
        int most = Admin.IdentifyController().EventRequestLimit + 1;
        ushort[] requests = [.. Enumerable.Range(0, most).Select(_ => Admin.RequestEvent())];
        Assert.Equal(NvmeStatus.Of(1, 0x05), Admin.Execute(AdminCommand.AsyncEventRequest()).Status);
        foreach (ushort request in requests)
            Assert.False(Admin.TryTakeEvent(request, out _));

        Assert.Equal(0u, Admin.Abort(0, requests[0]).Check("abort").Result);
        Assert.True(Admin.TryTakeEvent(requests[0], out CompletionEntry aborted));
        Assert.True(aborted.Status.Is(0, 0x07));
        ushort another = Admin.RequestEvent();
        Assert.False(Admin.TryTakeEvent(another, out _));
    }

    [Fact]
    public void N053_An_event_masked_by_feature_0B_is_not_told_and_its_log_knows_of_it_all_the_same()
    {
        ushort request = Admin.RequestEvent();
        uint first = _rig.AddNamespace();
        _rig.Poll();
        Assert.False(Admin.TryTakeEvent(request, out _));

        Admin.SetFeature(0x0B, NamespaceAttributeNotices).Check("enable");
        uint second = _rig.AddNamespace();
        _rig.Poll();
        Assert.True(Admin.TryTakeEvent(request, out CompletionEntry told));
        Assert.Equal(0x00040002u, told.Result);
        Assert.Equal([first, second, 0u], ReadChanged());
    }

    [Fact]
    public void N053_The_next_event_of_a_type_comes_when_the_log_was_read_and_not_retained()
    {
        Admin.SetFeature(0x0B, NamespaceAttributeNotices).Check("enable");
        ushort first = Admin.RequestEvent();
        _rig.AddNamespace();
        _rig.Poll();
        Assert.True(Admin.TryTakeEvent(first, out _));

        ushort second = Admin.RequestEvent();
        uint changed = _rig.AddNamespace();
        _rig.Poll();
        Assert.False(Admin.TryTakeEvent(second, out _));
        Assert.Equal(changed, ReadChanged(retains: true)[1]);
        _rig.Poll();
        Assert.False(Admin.TryTakeEvent(second, out _));
        Assert.Equal(changed, ReadChanged()[1]);
        _rig.Poll();
        Assert.True(Admin.TryTakeEvent(second, out CompletionEntry told));
        Assert.Equal(0x00040002u, told.Result);
        Assert.Equal(0u, ReadChanged()[0]);
    }

    [Fact]
    public void N053_An_event_that_finds_no_request_waits_for_one()
    {
        Admin.SetFeature(0x0B, NamespaceAttributeNotices).Check("enable");
        _rig.AddNamespace();
        _rig.Poll();
        ushort request = Admin.RequestEvent();
        _rig.Poll();
        Assert.True(Admin.TryTakeEvent(request, out _));
    }

    [Fact]
    public void N053_A_reset_forgets_requests_and_events()
    {
        Admin.SetFeature(0x0B, NamespaceAttributeNotices).Check("enable");
        Admin.RequestEvent();
        _rig.Driver.Disable();
        _rig.AddNamespace();
        _rig.Driver.Enable();
        ushort request = Admin.RequestEvent();
        _rig.Poll();
        Assert.False(Admin.TryTakeEvent(request, out _));
        Assert.Equal(0, Admin.Queue.Completions.Strays);
    }

    [Fact]
    public void N053_A_log_that_did_not_reach_the_host_is_not_lost()
    {
        Admin.SetFeature(0x0B, NamespaceAttributeNotices).Check("enable");
        uint id = _rig.AddNamespace();
        SubmissionEntry read = AdminCommand.GetLogPage(0x04, 4096);
        Assert.True(Admin.Execute(read with { Prp1 = 0x1000 }).Status.Is(0, 0x04));
        Assert.True(Admin.Execute(read with { Prp1 = Admin.DataAddress, Dword12 = 8192 }).Status.Is(0, 0x02));
        Assert.Equal(id, ReadChanged()[0]);
    }

    [Fact]
    public void N054_Queues_are_granted_once_as_many_as_there_are()
    {
        Assert.Equal(3, Admin.RequestQueues(3));
        SubmissionEntry beyond = AdminCommand.CreateCompletionQueue(4, 8, _rig.Memory.Allocate(4096, 4096), 0, false);
        Assert.True(Admin.Execute(beyond).Status.Is(1, 0x01));
        Assert.Equal(0x0002_0002u, Admin.GetFeature(0x07).Check("get").Result);
        Assert.Equal(8, Admin.RequestQueues(1000));
        Assert.Equal(0x0007_0007u, Admin.SetFeature(0x07, 0x0001_0040).Check("unlike numbers").Result);
        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        Assert.Equal(refused, Admin.SetFeature(0x07, 0xFFFF).Status);
        Assert.Equal(refused, Admin.SetFeature(0x07, 0xFFFF_0000).Status);

        SubmissionQueue queue = _rig.Driver.CreateQueuePair(8, 8);
        Assert.Equal(NvmeStatus.Of(0, 0x0C, doNotRetry: true), Admin.SetFeature(0x07, 0x0001_0001).Status);
        Assert.Equal(0x0007_0007u, Admin.GetFeature(0x07).Check("get").Result);
        _rig.Driver.DeleteQueuePair(queue);
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        Assert.Equal(2, Admin.RequestQueues(2));
    }

    [Theory]
    [InlineData(1, 0x04030207, 7)]
    [InlineData(2, 0, 0)]
    [InlineData(4, 300, 343)]
    [InlineData(5, 0x77, 0)]
    [InlineData(6, 0, 1)]
    [InlineData(8, 0x0303, 0)]
    [InlineData(9, 0x0001_0000, 0)]
    [InlineData(0x0A, 1, 0)]
    [InlineData(0x0B, 0x100, 0)]
    [InlineData(0x82, 0xE, 0)]
    public void N055_Features_tell_current_default_saved_and_what_can_be_done(byte feature, uint value, uint before)
    {
        Assert.Equal(before, Admin.GetFeature(feature).Check("current").Result);
        Admin.SetFeature(feature, value).Check("set");
        Assert.Equal(value, Admin.GetFeature(feature).Check("current").Result);
        Assert.Equal(before, Admin.GetFeature(feature, select: 1).Check("default").Result);
        Assert.Equal(before, Admin.GetFeature(feature, select: 2).Check("saved").Result);
        Assert.Equal(4u, Admin.GetFeature(feature, select: 3).Check("capabilities").Result);
        Assert.True(Admin.GetFeature(feature, select: 4).Status.Is(0, 0x02));
        Assert.Equal(NvmeStatus.Of(1, 0x0D, doNotRetry: true), Admin.SetFeature(feature, value, saves: true).Status);
        _rig.Driver.Disable();
        _rig.Driver.Enable();
        Assert.Equal(before, Admin.GetFeature(feature).Check("current").Result);
    }

    [Fact]
    public void N055_Save_and_select_are_said_to_be_there() => Assert.Equal(1 << 4, Admin.IdentifyController().OptionalNvmCommands & (1 << 4));

    [Fact]
    public void N056_Parts_of_a_log_page_make_the_whole()
    {
        byte[] whole = new byte[4096];
        Admin.GetLogPage(0x05, whole).Check("whole");
        byte[] parts = new byte[4096];
        for (int at = 0; at < 4096; at += 256)
            Admin.GetLogPage(0x05, parts.AsSpan(at, 256), (ulong)at).Check("part");
        Assert.Equal(whole, parts);

        byte[] beyond = new byte[1024];
        beyond.AsSpan().Fill(0xFF);
        Admin.GetLogPage(0x05, beyond, 4096 - 512).Check("beyond the end");
        Assert.Equal(whole[^512..], beyond[..512]);
        Assert.False(beyond.AsSpan(512).ContainsAnyExcept((byte)0));
        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        foreach (ulong offset in (ulong[])[2, 4100, 1UL << 32, ulong.MaxValue - 3])
            Assert.Equal(refused, Admin.GetLogPage(0x05, beyond, offset).Status);
        Admin.GetLogPage(0x05, beyond, 4096).Check("nothing is left");
        Assert.False(beyond.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(refused, Admin.Execute(AdminCommand.GetLogPage(0x05, (256 << 10) + 4)).Status);
    }

    [Fact]
    public void N056_More_changed_namespaces_than_fit_are_told_as_such_once()
    {
        var changed = new SoftIov.Devices.Nvme.ChangedNamespaces();
        for (uint id = 1024; id >= 1; id--)
            changed.Add(id);
        changed.Add(1);
        byte[] log = new byte[4096];
        changed.Fill(log, retains: true);
        Assert.Equal([1u, 2u, 1024u], [Dword(log, 0), Dword(log, 1), Dword(log, 1023)]);
        changed.Add(1025);
        changed.Add(3);
        changed.Fill(log, retains: false);
        Assert.Equal(uint.MaxValue, Dword(log, 0));
        Assert.False(log.AsSpan(4).ContainsAnyExcept((byte)0));
        changed.Fill(log, retains: false);
        Assert.False(log.AsSpan().ContainsAnyExcept((byte)0));
        changed.Add(7);
        changed.Fill(log, retains: false);
        Assert.Equal([7u, 0u], [Dword(log, 0), Dword(log, 1)]);
    }

    [Fact]
    public void N057_What_NVMe_1_4_asks_of_every_controller_is_there()
    {
        foreach (byte feature in (byte[])[1, 2, 4, 5, 7, 8, 9, 0x0A, 0x0B])
            Admin.GetFeature(feature).Check($"feature {feature}");
        foreach (byte page in (byte[])[1, 2, 3])
            Admin.GetLogPage(page, new byte[512]).Check($"log page {page}");
        uint id = _rig.AddNamespace();
        foreach (IdentifyCns cns in (IdentifyCns[])[IdentifyCns.Namespace, IdentifyCns.Controller, IdentifyCns.ActiveNamespaces,
            IdentifyCns.NamespaceDescriptors])
        {
            Admin.Identify(cns, new byte[4096], id).Check($"identify {cns}");
        }

        Assert.Equal(1u, Admin.Abort(0, 77).Check("abort").Result);
        Admin.Execute(AdminCommand.KeepAlive()).Check("keep alive");
        NamespaceClient disk = _rig.AddDisk();
        disk.Write(0, new byte[512]).Check("write");
        disk.Read(0, new byte[512]).Check("read");
        disk.Flush().Check("flush");
    }

    private static uint Dword(byte[] log, int index) => BinaryPrimitives.ReadUInt32LittleEndian(log.AsSpan(index * 4));

    private uint[] ReadChanged(bool retains = false)
    {
        byte[] log = new byte[4096];
        Admin.GetLogPage(0x04, log, retains: retains).Check("changed namespaces");
        return [.. Enumerable.Range(0, 3).Select(i => Dword(log, i))];
    }
}
