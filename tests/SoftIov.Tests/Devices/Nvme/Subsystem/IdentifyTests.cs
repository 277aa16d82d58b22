using System.Buffers.Binary;
using System.Text;
using SoftIov.Devices.Nvme;
using SoftIov.Devices.Nvme.Spec;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme.Subsystem;

/// <summary>What controllers answer to Identify, and what a VF does not learn.</summary>
public sealed class IdentifyTests
{
    private readonly SubsystemFixture _fixture = new();
    private readonly byte[] _data = new byte[NvmeSubsystem.IdentifyLength];

    [Fact]
    public void N050_Strings_are_padded_and_the_rest_is_zero()
    {
        Assert.Equal(NvmeStatus.Success, Identify(ControllerId.Primary, 0x01));

        Assert.Equal("SI0001              ", Encoding.ASCII.GetString(_data, 4, 20));
        Assert.Equal("SoftIov NVMe".PadRight(40), Encoding.ASCII.GetString(_data, 24, 40));
        Assert.Equal("1.0     ", Encoding.ASCII.GetString(_data, 64, 8));
        Assert.Equal("nqn.2014-08.org.nvmexpress:uuid:12345678-9abc-4ef0-8123-456789abcdef", Encoding.ASCII.GetString(_data, 768, 256).TrimEnd('\0'));
        Assert.Equal(0x1B36, UInt16(0));
        Assert.Equal(0x10400u, UInt32(80));
        Assert.Equal(8u, UInt32(516));
        Assert.Equal(0x4466, UInt16(512));
        Assert.Equal(1, _data[111]);
        Assert.Equal(0u, UInt32(540));
        Assert.False(_data.AsSpan(2080).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void N050_Each_controller_has_its_own_number_and_all_have_one_name()
    {
        var numbers = new HashSet<int>();
        var names = new HashSet<string>();
        for (ushort id = ControllerId.Primary; id <= ControllerId.Last(4); id++)
        {
            Assert.Equal(NvmeStatus.Success, Identify(id, 0x01));
            numbers.Add(UInt16(78));
            names.Add(Convert.ToHexString(_data, 768, 256));
        }

        Assert.Equal(5, numbers.Count);
        Assert.Single(names);
    }

    [Fact]
    public void N070_A_VF_says_so_in_CMIC_and_the_PF_does_not()
    {
        Identify(ControllerId.Primary, 0x01);
        Assert.Equal(2, _data[76]);
        Identify(SubsystemFixture.Vf0, 0x01);
        Assert.Equal(6, _data[76]);
    }

    [Fact]
    public void Capacity_is_told_to_the_PF_alone()
    {
        _fixture.Create(3);

        Identify(ControllerId.Primary, 0x01);
        Assert.Equal(16UL * SubsystemFixture.Mebi, UInt64(280));
        Assert.Equal(13UL * SubsystemFixture.Mebi, UInt64(296));
        Identify(SubsystemFixture.Vf0, 0x01);
        Assert.Equal((0UL, 0UL), (UInt64(280), UInt64(296)));
    }

    [Fact]
    public void A_namespace_has_its_size_format_identifiers_and_capacity()
    {
        uint id = _fixture.Create(3, isShared: true, format: 1);
        _fixture.Subsystem.Attach(id, [SubsystemFixture.Vf0]);
        NamespaceRecord record = _fixture.Subsystem.Record.Find(id)!;

        Assert.Equal(NvmeStatus.Success, Identify(SubsystemFixture.Vf0, 0x00, id));

        Assert.Equal((768UL, 768UL, 768UL), (UInt64(0), UInt64(8), UInt64(16)));
        Assert.Equal(1, _data[25]);
        Assert.Equal(1, _data[26]);
        Assert.Equal(1, _data[30]);
        Assert.Equal(3UL * SubsystemFixture.Mebi, UInt64(48));

        // A Copy moves 256 KiB of at most 128 ranges.
        Assert.Equal((64, 64u, 127), (BitConverter.ToUInt16(_data, 74), UInt32(76), _data[80]));
        Assert.Equal(record.Nguid, BinaryPrimitives.ReadUInt128BigEndian(_data.AsSpan(104)));
        Assert.Equal(record.Eui64, BinaryPrimitives.ReadUInt64BigEndian(_data.AsSpan(120)));
        Assert.Equal((9, 12), (_data[130], _data[134]));
    }

    [Fact]
    public void Formats_are_told_for_FFFFFFFFh_and_those_the_store_cannot_have_are_not()
    {
        var coarse = new SubsystemFixture(store: new StoreModel { BlockBytes = 4096 });

        Assert.Equal(NvmeStatus.Success, coarse.Subsystem.Identify(Who(ControllerId.Primary), 0x00, uint.MaxValue, 0, 0, _data));
        Assert.Equal((0, 12), (_data[130], _data[134]));
        Assert.Equal(0UL, UInt64(0));
        Assert.Equal(NvmeStatus.InvalidNamespace, Identify(SubsystemFixture.Vf0, 0x00, uint.MaxValue));
    }

    [Fact]
    public void Descriptors_hold_EUI64_NGUID_UUID_and_command_set()
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        NamespaceRecord record = _fixture.Subsystem.Record.Find(id)!;

        Assert.Equal(NvmeStatus.Success, Identify(SubsystemFixture.Vf0, 0x03, id));

        Assert.Equal([1, 8, 0, 0], _data[..4]);
        Assert.Equal(record.Eui64, BinaryPrimitives.ReadUInt64BigEndian(_data.AsSpan(4)));
        Assert.Equal([2, 16, 0, 0], _data[12..16]);
        Assert.Equal(record.Nguid, BinaryPrimitives.ReadUInt128BigEndian(_data.AsSpan(16)));
        Assert.Equal([3, 16, 0, 0], _data[32..36]);
        Assert.Equal(record.Uuid, new Guid(_data.AsSpan(36, 16), bigEndian: true));
        Assert.Equal([4, 1, 0, 0, 0, 0], _data[52..58]);
        Assert.Equal(NvmeStatus.InvalidNamespace, Identify(SubsystemFixture.Vf1, 0x03, id));
    }

    [Theory]
    [InlineData(0x00, 0u, NvmeStatus.InvalidNamespace)]
    [InlineData(0x00, 9u, NvmeStatus.InvalidNamespace)]
    [InlineData(0x00, 8u, NvmeStatus.Success)]
    [InlineData(0x02, 0xFFFF_FFFEu, NvmeStatus.InvalidNamespace)]
    [InlineData(0x02, 0xFFFF_FFFFu, NvmeStatus.InvalidNamespace)]
    [InlineData(0x02, 0xFFFF_FFFDu, NvmeStatus.Success)]
    [InlineData(0x03, 8u, NvmeStatus.InvalidNamespace)]
    [InlineData(0x04, 1u, NvmeStatus.InvalidField)]
    [InlineData(0x05, 8u, NvmeStatus.Success)]
    [InlineData(0x08, 9u, NvmeStatus.InvalidNamespace)]
    [InlineData(0x11, 0u, NvmeStatus.InvalidNamespace)]
    [InlineData(0x11, 8u, NvmeStatus.Success)]
    [InlineData(0x12, 8u, NvmeStatus.InvalidField)]
    [InlineData(0x17, 1u, NvmeStatus.InvalidField)]
    [InlineData(0xFF, 1u, NvmeStatus.InvalidField)]
    public void N051_Every_malformed_Identify_has_its_status(int cns, uint id, NvmeStatus expected)
    {
        _data.AsSpan().Fill(0xA5);
        Assert.Equal(expected, Identify(ControllerId.Primary, cns, id));
        Assert.False(_data.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(0x05)]
    [InlineData(0x06)]
    [InlineData(0x07)]
    public void Other_command_sets_are_refused(int cns)
    {
        uint id = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        ControllerIdentity who = Who(SubsystemFixture.Vf0);
        Assert.Equal(NvmeStatus.Success, _fixture.Subsystem.Identify(who, (byte)cns, id - 1 + (cns == 5 ? 1u : 0u), 0, 0, _data));
        Assert.Equal(NvmeStatus.InvalidField, _fixture.Subsystem.Identify(who, (byte)cns, id, 0, 1, _data));
    }

    [Fact]
    public void N069_A_VF_learns_nothing_of_namespaces_that_are_not_attached_to_it()
    {
        uint own = _fixture.CreateAttached(1, SubsystemFixture.Vf0);
        uint other = _fixture.CreateAttached(2, SubsystemFixture.Vf1);

        Assert.Equal(NvmeStatus.Success, Identify(SubsystemFixture.Vf0, 0x02));
        Assert.Equal([own, 0u], [UInt32(0), UInt32(4)]);
        Assert.Equal(NvmeStatus.Success, Identify(SubsystemFixture.Vf0, 0x00, other));
        Assert.False(_data.AsSpan().ContainsAnyExcept((byte)0));
        Assert.Equal(NvmeStatus.Success, Identify(SubsystemFixture.Vf0, 0x08, other));
        Assert.False(_data.AsSpan().ContainsAnyExcept((byte)0));
        foreach (int cns in (int[])[0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16])
        {
            Assert.Equal(NvmeStatus.InvalidField, Identify(SubsystemFixture.Vf0, cns, other));
            Assert.False(_data.AsSpan().ContainsAnyExcept((byte)0));
        }
    }

    [Fact]
    public void The_PF_lists_what_is_allocated_and_where_it_is_attached()
    {
        uint first = _fixture.Create();
        uint second = _fixture.CreateAttached(1, SubsystemFixture.Vf0, SubsystemFixture.Vf1);

        Identify(ControllerId.Primary, 0x02);
        Assert.Equal(0u, UInt32(0));
        Identify(ControllerId.Primary, 0x10);
        Assert.Equal([first, second, 0u], [UInt32(0), UInt32(4), UInt32(8)]);
        Identify(ControllerId.Primary, 0x10, first);
        Assert.Equal([second, 0u], [UInt32(0), UInt32(4)]);
        Identify(ControllerId.Primary, 0x11, first);
        Assert.Equal(2048UL, UInt64(0));
        Identify(ControllerId.Primary, 0x12, second);
        Assert.Equal([2, 2, 3, 0], [UInt16(0), UInt16(2), UInt16(4), UInt16(6)]);
        Identify(ControllerId.Primary, 0x12, second, 3);
        Assert.Equal([1, 3, 0], [UInt16(0), UInt16(2), UInt16(4)]);
        Identify(ControllerId.Primary, 0x13, 0, 2);
        Assert.Equal([4, 2, 3, 4, 5, 0], [UInt16(0), UInt16(2), UInt16(4), UInt16(6), UInt16(8), UInt16(10)]);
    }

    [Fact]
    public void Granularity_and_command_sets_are_told()
    {
        Assert.Equal(NvmeStatus.Success, Identify(ControllerId.Primary, 0x16));
        Assert.Equal((ulong)SubsystemFixture.Mebi, UInt64(32));
        Assert.Equal(NvmeStatus.Success, Identify(SubsystemFixture.Vf0, 0x1C));
        Assert.Equal(1UL, UInt64(0));
    }

    private NvmeStatus Identify(ushort controller, int cns, uint id = 0, ushort first = 0) =>
        _fixture.Subsystem.Identify(Who(controller), (byte)cns, id, first, 0, _data);

    private static ControllerIdentity Who(ushort controller) => new() { Id = controller, VendorId = 0x1B36, SubsystemVendorId = 0x1AF4 };

    private ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_data.AsSpan(offset));

    private uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_data.AsSpan(offset));

    private ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_data.AsSpan(offset));
}
