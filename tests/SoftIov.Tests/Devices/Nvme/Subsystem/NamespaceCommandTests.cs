using System.Buffers.Binary;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>Namespace commands as they come from a host: what each malformed one returns.</summary>
public sealed class NamespaceCommandTests
{
    private static readonly HostId Other = new(0xB, false);

    private readonly SubsystemFixture _fixture = new();
    private readonly byte[] _data = new byte[NvmeSubsystem.ManagementLength];

    private NvmeSubsystem Subsystem => _fixture.Subsystem;

    [Fact]
    public void A_creation_says_size_format_and_sharing()
    {
        Describe(size: 256, format: 1);
        _data[30] = 1;

        Assert.Equal(NvmeStatus.Success, Subsystem.Manage(default, 0, 0, 0, _data, out uint id));

        Namespace created = Subsystem.Allocated[id]!;
        Assert.Equal((256UL, 12, true), (created.BlockCount, created.BlockShift, created.IsShared));
    }

    [Theory]
    [InlineData(26, 2, NvmeStatus.InvalidFormat)]
    [InlineData(26, 0x20, NvmeStatus.InvalidFormat)]
    [InlineData(29, 1, NvmeStatus.InvalidFormat)]
    [InlineData(30, 2, NvmeStatus.InvalidField)]
    [InlineData(92, 1, NvmeStatus.InvalidField)]
    [InlineData(100, 1, NvmeStatus.InvalidField)]
    [InlineData(102, 1, NvmeStatus.InvalidField)]
    [InlineData(8, 0x7F, NvmeStatus.ThinProvisioningNotSupported)]
    [InlineData(9, 0x01, NvmeStatus.InvalidField)]
    [InlineData(7, 0x01, NvmeStatus.ThinProvisioningNotSupported)]
    public void A_creation_with_a_wrong_byte_is_refused(int offset, byte value, NvmeStatus expected)
    {
        Describe(size: 128);
        _data[offset] = value;
        Assert.Equal(expected, Subsystem.Manage(default, 0, 0, 0, _data, out _));
        Assert.Empty(Subsystem.Record.Namespaces);
    }

    [Fact]
    public void A_creation_that_does_not_fit_is_refused()
    {
        Describe(size: 0);
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Manage(default, 0, 0, 0, _data, out _));
        Describe(size: ulong.MaxValue);
        Assert.Equal(NvmeStatus.NamespaceInsufficientCapacity, Subsystem.Manage(default, 0, 0, 0, _data, out _));
        Describe(size: 128);
        Assert.Equal(NvmeStatus.IoCommandSetNotSupported, Subsystem.Manage(default, 0, 0, 1u << 24, _data, out _));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Manage(default, 1, 0, 0, _data, out _));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Manage(default, uint.MaxValue, 0, 0, _data, out _));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Manage(default, 0, 0, 0, _data.AsSpan(1), out _));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Manage(default, 0, 2, 0, _data, out _));
    }

    [Fact]
    public void A_deletion_names_one_or_all()
    {
        uint first = _fixture.Create();
        _fixture.Create();
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Manage(default, 0, 1, 0, [], out _));
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Manage(default, 9, 1, 0, [], out _));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Manage(default, 8, 1, 0, [], out _));
        Assert.Equal(NvmeStatus.Success, Subsystem.Manage(default, first, 1, 0, [], out _));
        Assert.Equal(NvmeStatus.Success, Subsystem.Manage(default, uint.MaxValue, 1, 0, [], out _));
        Assert.Empty(Subsystem.Record.Namespaces);
    }

    [Fact]
    public void A_reservation_of_another_host_keeps_from_deleting_and_formatting()
    {
        uint id = _fixture.CreateAttached(1, ControllerId.Primary);
        Reservations reservations = Subsystem.Allocated[id]!.Reservations;
        Assert.Equal(NvmeStatus.Success, reservations.Register(Other, 0, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.Equal(NvmeStatus.Success, reservations.Acquire(Other, 0x100, new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }));

        Assert.Equal(NvmeStatus.ReservationConflict, Subsystem.Manage(default, id, 1, 0, [], out _));
        Assert.Equal(NvmeStatus.ReservationConflict, Subsystem.Manage(default, uint.MaxValue, 1, 0, [], out _));
        Assert.Equal(NvmeStatus.ReservationConflict, Subsystem.Format(ControllerId.Primary, default, id, 0));
        Assert.Equal(NvmeStatus.ReservationConflict, Subsystem.Format(ControllerId.Primary, default, uint.MaxValue, 0));
        Assert.Equal(NvmeStatus.Success, Subsystem.Format(ControllerId.Primary, Other, id, 0));
        Assert.Equal(ReservationType.WriteExclusive, Subsystem.Allocated[id]!.Reservations.State.Type);
        Assert.Equal(NvmeStatus.Success, Subsystem.Manage(Other, id, 1, 0, [], out _));
    }

    [Fact]
    public void An_attachment_has_a_controller_list()
    {
        uint id = _fixture.Create(isShared: true);
        List(SubsystemFixture.Vf1, SubsystemFixture.Vf0);
        Assert.Equal(NvmeStatus.Success, Subsystem.ManageAttachment(id, 0, _data));
        Assert.Equal([2, 3], Subsystem.Record.Find(id)!.Controllers.Select(each => (int)each));
        Assert.Equal(NvmeStatus.NamespaceAlreadyAttached, Subsystem.ManageAttachment(id, 0, _data));
        Assert.Equal(NvmeStatus.Success, Subsystem.ManageAttachment(id, 1, _data));
        Assert.Equal(NvmeStatus.NamespaceNotAttached, Subsystem.ManageAttachment(id, 1, _data));

        Assert.Equal(NvmeStatus.InvalidField, Subsystem.ManageAttachment(id, 2, _data));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.ManageAttachment(id, 0, _data.AsSpan(1)));
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.ManageAttachment(uint.MaxValue, 0, _data));
        List();
        Assert.Equal(NvmeStatus.ControllerListInvalid, Subsystem.ManageAttachment(id, 0, _data));
        BinaryPrimitives.WriteUInt16LittleEndian(_data, 2048);
        Assert.Equal(NvmeStatus.ControllerListInvalid, Subsystem.ManageAttachment(id, 0, _data));
    }

    [Theory]
    [InlineData(1u, 0x002u, NvmeStatus.InvalidFormat)]
    [InlineData(1u, 0x1000u, NvmeStatus.InvalidFormat)]
    [InlineData(1u, 0x010u, NvmeStatus.InvalidFormat)]
    [InlineData(1u, 0x020u, NvmeStatus.InvalidFormat)]
    [InlineData(1u, 0x600u, NvmeStatus.InvalidField)]
    [InlineData(0u, 0x000u, NvmeStatus.InvalidNamespace)]
    [InlineData(9u, 0x000u, NvmeStatus.InvalidNamespace)]
    [InlineData(8u, 0x000u, NvmeStatus.InvalidField)]
    [InlineData(1u, 0x401u, NvmeStatus.Success)]
    public void Every_malformed_Format_has_its_status(uint id, uint dword10, NvmeStatus expected)
    {
        _fixture.CreateAttached(1, ControllerId.Primary);
        Assert.Equal(expected, Subsystem.Format(ControllerId.Primary, default, id, dword10));
    }

    [Fact]
    public void Formatting_all_formats_what_is_attached_to_the_controller()
    {
        uint own = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        uint other = _fixture.CreateAttached(1, SubsystemFixture.Vf1);
        _fixture.Fill(own, 1);
        _fixture.Fill(other, 2);

        Assert.Equal(NvmeStatus.Success, Subsystem.Format(SubsystemFixture.Vf0, default, uint.MaxValue, 1));
        Assert.Equal(NvmeStatus.InvalidField, Subsystem.Format(SubsystemFixture.Vf0, default, other, 1));

        Assert.True(_fixture.IsZero(own));
        Assert.False(_fixture.IsZero(other));
        Assert.Equal((1, 0), (Subsystem.Allocated[own]!.Format, Subsystem.Allocated[other]!.Format));
    }

    [Fact]
    public void A_VF_formats_no_namespace_that_others_have_too()
    {
        uint shared = _fixture.CreateAttached(1, ControllerId.Primary, SubsystemFixture.Vf0);

        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Format(SubsystemFixture.Vf0, default, shared, 1));
        Assert.Equal(NvmeStatus.InvalidNamespace, Subsystem.Format(SubsystemFixture.Vf0, default, uint.MaxValue, 1));
        Assert.Equal(NvmeStatus.Success, Subsystem.Format(ControllerId.Primary, default, shared, 1));
    }

    private void Describe(ulong size, byte format = 0)
    {
        _data.AsSpan().Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(_data, size);
        BinaryPrimitives.WriteUInt64LittleEndian(_data.AsSpan(8), size);
        _data[26] = format;
    }

    private void List(params ushort[] controllers)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_data, (ushort)controllers.Length);
        for (int i = 0; i < controllers.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(_data.AsSpan(2 * (i + 1)), controllers[i]);
    }
}
