using System.Buffers.Binary;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserInformationTests
{
    [Fact]
    public void A_pci_device_that_can_be_reset_with_all_indexes()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        Assert.Equal(new DeviceInfo(16, 3, 9, 5), client.GetInfo());
    }

    [Fact]
    public void A_larger_argsz_is_taken_a_smaller_one_is_not()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] request = new byte[16];
        request[0] = 32;
        Assert.Equal(Errno.None, client.Call(ClientMessage.GetInfo, request).Error);
        request[0] = 15;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.GetInfo, request).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.GetInfo, request.AsSpan(0, 12)).Error);
    }

    [Fact]
    public void All_regions_answer_and_none_can_be_mapped()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        ulong[] sizes = [EndpointModel.Bar0Size, 0, 0, 0, EndpointModel.Bar4Size, 0, 0, 4096, 0];
        for (int region = 0; region < sizes.Length; region++)
        {
            RegionInfo info = client.GetRegionInfo(region);
            Assert.Equal(new RegionInfo(32, sizes[region] == 0 ? 0u : 3, (uint)region, 0, sizes[region], 0), info);
        }

        Assert.Equal(Errno.EINVAL, Assert.Throws<VfioUserException>(() => client.GetRegionInfo(9)).Errno);
    }

    [Fact]
    public void A_region_request_may_be_longer_than_its_structure()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] request = new byte[4064];
        BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
        Answer answer = client.Call(ClientMessage.GetRegionInfo, request);
        Assert.Equal(32, answer.Payload.Length);
        Assert.Equal(EndpointModel.Bar0Size, BinaryPrimitives.ReadUInt64LittleEndian(answer.Payload[16..]));
    }

    [Fact]
    public void No_region_has_descriptors_to_bypass_it_with()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        byte[] request = new byte[16];
        request[0] = 16;
        Answer answer = client.Call(ClientMessage.GetRegionIoFds, request);
        Assert.Equal(Errno.None, answer.Error);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(answer.Payload[12..]));
        request[8] = 9;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.GetRegionIoFds, request).Error);
    }

    [Fact]
    public void Interrupts_are_what_the_endpoint_has()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        Assert.Equal(new IrqInfo(16, 7, 0, 1), client.GetIrqInfo(0));
        Assert.Equal(new IrqInfo(16, 1, 1, 0), client.GetIrqInfo(1));
        Assert.Equal(new IrqInfo(16, 1, 2, 8), client.GetIrqInfo(2));
        Assert.Equal(new IrqInfo(16, 1, 3, 1), client.GetIrqInfo(3));
        Assert.Equal(new IrqInfo(16, 1, 4, 0), client.GetIrqInfo(4));
        Assert.Equal(Errno.EINVAL, Assert.Throws<VfioUserException>(() => client.GetIrqInfo(5)).Errno);
    }

    [Fact]
    public void Features_are_not_there_and_unknown_commands_are_errors()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        const uint Probe = 1 << 18;
        Assert.Equal(Errno.ENOTTY, Assert.Throws<VfioUserException>(() => client.Feature(1 | Probe, default)).Errno);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.Feature, new byte[8]).Error);
        ushort[] unknown = [0, ClientMessage.DirtyPages, ClientMessage.DmaRead, ClientMessage.DmaWrite, 17, 18, 19, 65535];
        foreach (ushort command in unknown)
        {
            Answer answer = client.Call(command, new byte[24]);
            Assert.Equal(Errno.EINVAL, answer.Error);
            Assert.Equal(0x21u, answer.Flags);
            Assert.Equal(0, answer.Payload.Length);
        }

        Assert.Equal(9, served.Socket.Counters.RefusedCommands - 1);
    }
}
