using System.Buffers.Binary;
using SoftIov.Devices.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Tests.Devices.Nvme.Subsystem;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>Identify data byte by byte (NVMe 1.4, figures 245 to 264), as a real controller gives them.</summary>
public sealed class IdentifyLayoutTests : IDisposable
{
    private const int Length = 4096;
    private const string Nqn = "nqn.2014-08.org.nvmexpress:uuid:12345678-9abc-4ef0-8123-456789abcdef";

    private static readonly SubsystemSettings Managed = SubsystemFixture.Default with
    {
        VfMode = VfMode.Managed, FlexibleQueues = 12, FlexibleInterrupts = 10, VfQueues = 5, VfInterrupts = 4,
        PrimaryQueues = 9, PrimaryInterrupts = 9,
    };

    private readonly ControllerRig _rig = ControllerRig.Enabled();

    private AdminClient Admin => _rig.Driver.Admin;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N050_Identify_Controller_of_the_PF()
    {
        uint id = _rig.AddNamespace();
        ulong total = (ulong)_rig.Subsystem.TotalCapacity;
        ExpectedController(1)
            .Put8(76, 2) // CMIC: several controllers
            .Put32(96, 1 | 1 << 7) // CTRATT: 128-bit host identifier, namespace granularity
            .Put16(256, 1 << 1 | 1 << 3 | 1 << 7 | 1 << 8) // OACS: format, namespaces, virtualization, doorbell buffers
            .Put64(280, total) // TNVMCAP
            .Put64(296, total - (8 << 20)) // UNVMCAP
            .Put8(261, 6 | 1 << 4).Put32(352, 1) // LPA, PELS
            .Put32(328, 0x6000_0003) // SANICAP: crypto and block erase, media not modified afterwards
            .Check(Identify(IdentifyCns.Controller, id));
    }

    [Fact]
    public void N050_Identify_Controller_of_a_VF()
    {
        _rig.Subsystem.Secondaries.VfsEnabled(3);
        using var vf = new ControllerRig(_rig.Store, vf: 2, subsystem: _rig.Subsystem);
        vf.Driver.Enable();
        byte[] data = new byte[Length];
        vf.Driver.Admin.Identify(IdentifyCns.Controller, data).Check("identify");
        ExpectedController(4).Put8(76, 2 | 4).Put32(96, 1).Put16(256, 1 << 1 | 1 << 8).Check(data);
    }

    [Theory]
    [InlineData(IdentifyCns.Namespace)]
    [InlineData(IdentifyCns.AllocatedNamespace)]
    public void N050_Identify_Namespace(IdentifyCns cns)
    {
        uint id = _rig.AddNamespace(mebibytes: 3, format: 1);
        NamespaceRecord record = _rig.Subsystem.Record.Find(id)!;
        byte[] nguid = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(nguid, record.Nguid);
        byte[] eui64 = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(eui64, record.Eui64);
        ExpectedFormats()
            .Put64(0, 768).Put64(8, 768).Put64(16, 768) // NSZE, NCAP, NUSE
            .Put8(26, 1) // FLBAS
            .Put16(74, 64).Put32(76, 64).Put8(80, 127) // MSSRL, MCL, MSRC: 256 KiB in all, 128 ranges
            .Put64(48, 3 << 20) // NVMCAP
            .Put8(104, nguid)
            .Put8(120, eui64)
            .Check(Identify(cns, id));

        Admin.SetFeature(0x84, 1, namespaceId: id).Check("write protect");
        Assert.Equal(1, Identify(cns, id)[99]);
    }

    [Fact]
    public void N050_Identify_Namespace_of_all_and_of_one_that_is_not_there()
    {
        ExpectedFormats().Check(Identify(IdentifyCns.Namespace, uint.MaxValue));
        new ExpectedPage(Length).Check(Identify(IdentifyCns.Namespace, 5));
    }

    [Fact]
    public void N050_Identification_descriptors()
    {
        uint id = _rig.AddNamespace();
        NamespaceRecord record = _rig.Subsystem.Record.Find(id)!;
        byte[] identity = Identify(IdentifyCns.Namespace, id);
        new ExpectedPage(Length)
            .Put8(0, 1, 8).Put8(4, identity[120..128])
            .Put8(12, 2, 16).Put8(16, identity[104..120])
            .Put8(32, 3, 16).Put8(36, record.Uuid.ToByteArray(bigEndian: true))
            .Put8(52, 4, 1)
            .Check(Identify(IdentifyCns.NamespaceDescriptors, id));
    }

    [Fact]
    public void N050_Structures_by_command_set_and_of_namespaces_of_any()
    {
        uint id = _rig.AddNamespace();
        new ExpectedPage(Length).Check(Identify(IdentifyCns.CommandSetNamespace, id));
        new ExpectedPage(Length).Check(Identify(IdentifyCns.CommandSetController, id));
        new ExpectedPage(Length).Put32(0, id).Check(Identify(IdentifyCns.CommandSetActiveNamespaces, 0));
        new ExpectedPage(Length).Put8(0, 8, 0, 0xFF).Put8(14, 1).Check(Identify(IdentifyCns.IndependentNamespace, id));
        new ExpectedPage(Length).Put64(0, 1).Check(Identify((IdentifyCns)0x1C, 0));
        new ExpectedPage(Length).Put64(32, 1 << 20).Put64(40, 1 << 20).Check(Identify((IdentifyCns)0x16, 0));
    }

    [Fact]
    public void N050_Lists_of_namespaces_and_controllers()
    {
        uint first = _rig.AddNamespace();
        Admin.CreateNamespace(2048, isShared: true).Check("create");
        uint third = _rig.AddNamespace(mebibytes: 1);
        Assert.Equal((1u, 3u), (first, third));
        new ExpectedPage(Length).Put32(0, 1).Put32(4, 3).Check(Identify(IdentifyCns.ActiveNamespaces, 0));
        new ExpectedPage(Length).Put32(0, 3).Check(Identify(IdentifyCns.ActiveNamespaces, 1));
        new ExpectedPage(Length).Check(Identify(IdentifyCns.ActiveNamespaces, 3));
        new ExpectedPage(Length).Put32(0, 1).Put32(4, 2).Put32(8, 3).Check(Identify(IdentifyCns.AllocatedNamespaces, 0));
        new ExpectedPage(Length).Put16(0, 5).Put16(2, 1).Put16(4, 2).Put16(6, 3).Put16(8, 4).Put16(10, 5).Check(Identify(IdentifyCns.Controllers, 0));
        new ExpectedPage(Length).Put16(0, 1).Put16(2, 5).Check(Identify(IdentifyCns.Controllers, 0, 5));
        new ExpectedPage(Length).Check(Identify(IdentifyCns.Controllers, 0, 6));
        Admin.Attach(2, 1, 3, 5).Check("attach");
        new ExpectedPage(Length).Put16(0, 2).Put16(2, 3).Put16(4, 5).Check(Identify(IdentifyCns.AttachedControllers, 2, 2));
    }

    [Fact]
    public void N060_Primary_capabilities_and_the_list_of_secondary_controllers()
    {
        using ControllerRig rig = ControllerRig.Enabled(settings: Managed);
        rig.Subsystem.Secondaries.VfsEnabled(2);
        AdminClient admin = rig.Driver.Admin;
        Assert.Equal(4u, admin.Virtualize(VirtualizationAction.Assign, 3, ResourceType.Queue, 4).Check("queues").Result);
        Assert.Equal(3u, admin.Virtualize(VirtualizationAction.Assign, 3, ResourceType.Interrupt, 3).Check("interrupts").Result);
        admin.Virtualize(VirtualizationAction.Online, 3).Check("online");
        byte[] data = new byte[Length];
        admin.Identify(IdentifyCns.PrimaryCapabilities, data).Check("identify");
        new ExpectedPage(Length)
            .Put16(0, 1).Put8(4, 3) // CNTLID, CRT: both are flexible
            .Put32(32, 12).Put32(36, 4).Put16(42, 9).Put16(44, 5).Put16(46, 1) // VQFRT, VQRFA, VQPRT, VQFRSM, VQGRAN
            .Put32(64, 10).Put32(68, 3).Put16(74, 9).Put16(76, 4).Put16(78, 1) // and the same of interrupts
            .Check(data);
        admin.Identify(IdentifyCns.SecondaryControllers, data, controllerId: 3).Check("identify");
        new ExpectedPage(Length).Put8(0, 3)
            .Put16(32, 3).Put16(34, 1).Put8(36, 1).Put16(40, 2).Put16(42, 4).Put16(44, 3) // SCID, PCID, SCS, VFN, NVQ, NVI
            .Put16(64, 4).Put16(66, 1).Put16(72, 3)
            .Put16(96, 5).Put16(98, 1).Put16(104, 4)
            .Check(data);
    }

    private static ExpectedPage ExpectedController(ushort id) => new ExpectedPage(Length)
        .Put16(0, 0x1AF4).Put16(2, 0x1AF4) // VID, SSVID
        .PutText(4, 20, "SI0001").PutText(24, 40, "SoftIov NVMe").PutText(64, 8, "1.0") // SN, MN, FR
        .Put8(73, 0x00, 0x54, 0x52) // IEEE
        .Put8(77, 6) // MDTS: 256 KiB
        .Put16(78, id) // CNTLID
        .Put32(80, 0x0001_0400) // VER
        .Put32(88, 1_000_000) // RTD3E
        .Put32(92, 1 << 8) // OAES: namespace attributes
        .Put8(111, 1) // CNTRLTYPE: I/O
        .Put8(258, 3, 7, 3, 6, 63) // ACL, AERL, FRMW, LPA, ELPE; a PF adds the persistent event log
        .Put16(266, 343).Put16(268, 353) // WCTEMP, CCTEMP
        .Put8(512, 0x66, 0x44) // SQES, CQES
        .Put32(516, 8) // NN
        .Put16(520, 0x1FD) // ONCS: all but write uncorrectable
        .Put8(524, 4, 6) // FNA: crypto erase; VWC: none, flush of all
        .Put8(531, 3) // NWPC
        .PutText(768, 256, Nqn, '\0')
        .Put16(2048, 2500); // PSD0: 25 W

    /// <summary>NSFEAT, NLBAF, RESCAP, DLFEAT, and blocks of 512 and 4096 bytes.</summary>
    private static ExpectedPage ExpectedFormats() => new ExpectedPage(Length)
        .Put8(24, 8, 1).Put8(31, 0xFF).Put8(33, 9).Put32(128, 9 << 16).Put32(132, 12 << 16);

    private byte[] Identify(IdentifyCns cns, uint id, ushort controller = 0)
    {
        byte[] data = new byte[Length];
        data.AsSpan().Fill(0xCC);
        Admin.Identify(cns, data, id, controller).Check($"identify {cns}");
        return data;
    }
}
