using SoftIov.Lab.Nvme;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>The controllers of VFs beside that of their PF (NVMe 1.4, 8.5).</summary>
public sealed class VirtualFunctionTests : IDisposable
{
    private readonly ControllerRig _primary = ControllerRig.Enabled();
    private readonly ControllerRig _first;
    private readonly ControllerRig _second;

    public VirtualFunctionTests()
    {
        _primary.Subsystem.Secondaries.VfsEnabled(2);
        _first = MakeVf(0);
        _second = MakeVf(1);
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _primary.Dispose();
    }

    [Fact]
    public void N062_An_offline_controller_answers_nothing_and_starts_anew_online()
    {
        NamespaceClient disk = _first.AddDisk();
        Assert.Equal(0u, _primary.Driver.Admin.Virtualize(VirtualizationAction.Offline, 2).Check("offline").Result);
        Assert.True(_first.Driver.Registers.Status.IsFatal);
        Assert.True(disk.Queue.TrySubmit(NvmCommand.Flush(disk.NamespaceId), out _));
        disk.Queue.Ring();
        Assert.Equal(0, _first.Poll());
        Assert.False(disk.Queue.Completions.HasNew);

        _primary.Driver.Admin.Virtualize(VirtualizationAction.Online, 2).Check("online");
        Assert.False(_first.Driver.Registers.Status.IsFatal);
        Assert.False(_first.Driver.Registers.Configuration.IsEnabled);
        _first.Driver.Enable();
        _first.Driver.RestoreQueuePairs();
        disk.Flush().Check("flush");
    }

    [Fact]
    public void N064_A_reset_of_a_VF_keeps_it_online_and_its_namespaces_attached_and_loses_its_queues()
    {
        NamespaceClient disk = _first.AddDisk();
        NamespaceClient other = _second.AddDisk();
        byte[] data = new byte[4096];
        Random.Shared.NextBytes(data);
        disk.Write(0, data).Check("write");

        _first.Driver.ResetFunction();
        Assert.False(_first.Driver.Registers.Status.IsReady);
        Assert.False(_first.Driver.Registers.Status.IsFatal);
        Assert.True(_primary.Driver.Admin.ListSecondaryControllers()[0].IsOnline);
        Assert.Equal(0, _first.Function.Status.IoQueues);
        _first.Driver.Enable();
        Assert.Equal([disk.NamespaceId], _first.Driver.Admin.ListActiveNamespaces());
        Assert.True(_first.Driver.Admin.Delete(disk.Queue).Status.Is(1, 0x01));
        _first.Driver.RestoreQueuePairs();
        byte[] read = new byte[4096];
        disk.Read(0, read).Check("read");
        Assert.Equal(data, read);
        other.Flush().Check("flush");
    }

    [Fact]
    public void N066_Management_from_a_VF_is_an_unknown_opcode()
    {
        NvmeStatus unknown = NvmeStatus.Of(0, 0x01, doNotRetry: true);
        const int Managing = 1 << 3 | 1 << 7;
        Assert.Equal(0, _first.Driver.Admin.IdentifyController().OptionalAdminCommands & Managing);
        Assert.Equal(Managing, _primary.Driver.Admin.IdentifyController().OptionalAdminCommands & Managing);
        foreach (VirtualizationAction action in Enum.GetValues<VirtualizationAction>())
            Assert.Equal(unknown, _first.Driver.Admin.Virtualize(action, 3, count: 1).Status);
        Assert.Equal(unknown, _first.Driver.Admin.CreateNamespace(2048).Status);
        Assert.Equal(unknown, _first.Driver.Admin.DeleteNamespace(uint.MaxValue).Status);
        Assert.Equal(unknown, _first.Driver.Admin.Attach(1, 2).Status);
        Assert.Equal(unknown, _first.Driver.Admin.Detach(1, 3).Status);
        Assert.Equal(unknown, _first.Driver.Admin.Sanitize(2).Status);
        Assert.True(_primary.Driver.Admin.ListSecondaryControllers()[1].IsOnline);
    }

    [Fact]
    public void N068_Input_and_output_to_a_detached_namespace_moves_nothing()
    {
        NamespaceClient disk = _first.AddDisk();
        NamespaceClient other = _second.AddDisk();
        byte[] secret = new byte[4096];
        secret.AsSpan().Fill(0x77);
        other.Write(0, secret).Check("write");
        var stolen = new NamespaceClient(_first.Driver, disk.Queue, other.NamespaceId, 512);
        byte[] read = new byte[4096];
        NvmeStatus refused = NvmeStatus.Of(0, 0x02, doNotRetry: true);
        Assert.Equal(refused, stolen.Read(0, read).Status);
        Assert.Equal(refused, stolen.Write(0, read).Status);
        Assert.Equal(refused, stolen.Compare(0, secret).Status);
        Assert.Equal(refused, stolen.WriteZeroes(0, 8).Status);
        Assert.Equal(refused, stolen.Deallocate(new BlockRange(0, 8, 0)).Status);
        Assert.Equal(refused, stolen.Copy(100, new CopyRange(0, 8)).Status);
        Assert.Equal(refused, stolen.Flush().Status);
        Assert.Equal(refused, stolen.Register(1).Status);
        Assert.Equal(refused, _first.Driver.Admin.Format(other.NamespaceId).Status);
        other.Read(0, read).Check("read");
        Assert.Equal(secret, read);

        Assert.Equal(0u, _primary.Driver.Admin.Detach(other.NamespaceId, 3).Check("detach").Result);
        Assert.Equal(refused, other.Read(0, read).Status);
        _primary.Driver.Admin.Attach(other.NamespaceId, 3).Check("attach");
        other.Read(0, read).Check("read");
        Assert.Equal(secret, read);
    }

    [Fact]
    public void N072_An_address_that_only_another_VF_has_mapped_is_unmapped()
    {
        const ulong Iova = 0x8000_0000;
        const int Page = 4096;
        NamespaceClient disk = _first.AddDisk();
        NamespaceClient other = _second.AddDisk();
        using var memory = new NativeHostMemory(Page);
        Assert.Equal(DmaMapStatus.Ok, _second.Dma.Map(Iova, Page, DmaAccess.Read | DmaAccess.Write, memory, 0));
        memory.Slice(0, Page).Fill(0x77);
        NvmeStatus failed = NvmeStatus.Of(0, 0x04);
        Assert.Equal(failed, disk.Execute(NvmCommand.Write(disk.NamespaceId, 0, 8) with { Prp1 = Iova }).Status);
        Assert.Equal(failed, disk.Execute(NvmCommand.Read(disk.NamespaceId, 0, 8) with { Prp1 = Iova }).Status);
        Assert.Equal(failed, disk.Execute(NvmCommand.Read(disk.NamespaceId, 0, 64) with { Prp1 = disk.DataAddress, Prp2 = Iova }).Status);
        SubmissionEntry identify = AdminCommand.Identify(IdentifyCns.Controller) with { Prp1 = Iova };
        Assert.Equal(failed, _first.Driver.Admin.Execute(identify).Status);
        Assert.False(memory.Slice(0, Page).ContainsAnyExcept((byte)0x77));
        byte[] read = new byte[Page];
        disk.Read(0, read).Check("read");
        Assert.False(read.AsSpan().ContainsAnyExcept((byte)0));
        other.Execute(NvmCommand.Write(other.NamespaceId, 0, 8) with { Prp1 = Iova }).Check("write");
    }

    private ControllerRig MakeVf(int vf)
    {
        var rig = new ControllerRig(_primary.Store, vf, subsystem: _primary.Subsystem);
        rig.Driver.Enable();
        return rig;
    }
}
