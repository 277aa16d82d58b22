using SoftIov.Lab.Nvme;
using Xunit;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>What Identify and reservation reports return, written by hand.</summary>
public sealed class IdentityTests
{
    [Fact]
    public void A_namespace_tells_its_format()
    {
        var bytes = new byte[4096];
        bytes[0] = 0x10;
        bytes[26] = 0x21; // index 1, and 1 in bits 6:5: format 17
        bytes[128 + (17 * 4)] = 8;
        bytes[128 + (17 * 4) + 2] = 12;
        var identity = new NamespaceIdentity(bytes);
        Assert.Equal((16ul, 17, 4096, 8), (identity.Size, identity.Format, identity.BlockLength, identity.MetadataLengthOf(17)));
    }

    [Fact]
    public void Descriptors_end_with_the_first_of_no_length()
    {
        byte[] list = Convert.FromHexString("01080000" + "1122334455667788" + "04010000" + "02" + "00000000" + "03100000");
        IReadOnlyList<NamespaceDescriptor> found = NamespaceDescriptor.Parse(list);
        Assert.Equal([1, 4], found.Select(descriptor => (int)descriptor.Type));
        Assert.Equal("1122334455667788", Convert.ToHexString(found[0].Identifier));
        Assert.Equal("02", Convert.ToHexString(found[1].Identifier));
    }

    [Fact]
    public void Secondary_controllers_are_read_from_byte_32_on()
    {
        var list = new byte[4096];
        list[0] = 2;
        Convert.FromHexString("0100" + "FF00" + "01" + "000000" + "0100" + "0800" + "0900").CopyTo(list, 32);
        Convert.FromHexString("0200" + "FF00" + "00" + "000000" + "0200").CopyTo(list, 64);
        Assert.Equal(
            [new SecondaryController(1, 255, true, 1, 8, 9), new SecondaryController(2, 255, false, 2, 0, 0)],
            SecondaryController.Parse(list));
    }

    [Fact]
    public void A_report_tells_registrants_of_an_extended_structure()
    {
        var data = new byte[4096];
        Convert.FromHexString("07000000" + "03" + "0100" + "0000" + "01").CopyTo(data, 0);
        Convert.FromHexString("0500" + "01" + "0000000000" + "8877665544332211").CopyTo(data, 64);
        Convert.FromHexString("000102030405060708090A0B0C0D0E0F").CopyTo(data, 64 + 16);
        ReservationStatus status = ReservationStatus.Parse(data);
        Assert.Equal((7u, ReservationType.WriteExclusiveRegistrants, true), (status.Generation, status.Type, status.PersistsThroughPowerLoss));
        Assert.Equal(new ReservationRegistrant(5, true, 0x1122334455667788, "000102030405060708090A0B0C0D0E0F"), Assert.Single(status.Registrants));
    }

    [Fact]
    public void Capabilities_and_configuration_are_in_their_bits()
    {
        var capabilities = new ControllerCapabilities(0x0010_0031_1401_07FF);
        Assert.Equal(2048, capabilities.LargestQueue);
        Assert.True(capabilities.RequiresContiguousQueues);
        Assert.Equal(TimeSpan.FromSeconds(10), capabilities.Timeout);
        Assert.Equal(8, capabilities.DoorbellStride);
        Assert.True(capabilities.HasSubsystemReset);
        Assert.Equal(1, capabilities.CommandSets);
        Assert.Equal((4096, 8192), (capabilities.SmallestPage, capabilities.LargestPage));
        Assert.Equal(0x00460081u, ControllerConfiguration.ForNvm(8192).Value);
        Assert.Equal(0x00464001u, ControllerConfiguration.ForNvm(4096).WithShutdown(1).Value);
        Assert.Equal(0x00460000u, ControllerConfiguration.ForNvm(4096).WithShutdown(2).WithEnable(false).Value);
    }
}
