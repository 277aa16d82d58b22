using SoftIov.Devices.Virtio;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Devices.Virtio.Spec;
using Xunit;

namespace SoftIov.Tests.Devices;

public class TransportTests
{
    private const byte VendorCapabilityId = 0x09;

    private static readonly uint[] Structures = [1, 2, 3, 4];

    public static TheoryData<int, int, ulong, bool> CommonFields() => new()
    {
        { CommonConfig.DeviceFeatureSelect, 4, 0, true },
        { CommonConfig.DriverFeatureSelect, 4, 0, true },
        { CommonConfig.DriverFeature, 4, 0, true },
        { CommonConfig.ConfigMsixVector, 2, 0xFFFF, true },
        { CommonConfig.NumQueues, 2, 5, false },
        { CommonConfig.DeviceStatus, 1, 0, true },
        { CommonConfig.QueueSelect, 2, 0, true },
        { CommonConfig.QueueSize, 2, 256, true },
        { CommonConfig.QueueMsixVector, 2, 0xFFFF, true },
        { CommonConfig.QueueEnable, 2, 0, false },
        { CommonConfig.QueueNotifyOff, 2, 0, false },
        { CommonConfig.QueueDesc, 8, 0, true },
        { CommonConfig.QueueDriver, 8, 0, true },
        { CommonConfig.QueueDevice, 8, 0, true },
        { CommonConfig.QueueNotifConfigData, 2, 0, false },
        { CommonConfig.QueueReset, 2, 0, false },
        { CommonConfig.AdminQueueIndex, 2, 0, false },
        { CommonConfig.AdminQueueNum, 2, 0, false },
    };

    [Fact]
    public void V001_One_capability_of_each_type_inside_the_bar_without_overlap()
    {
        using var net = new NetEndpoint();
        var found = new Dictionary<uint, (uint Offset, uint Length)>();
        for (int at = (int)net.ReadConfig(0x34, 1); at != 0; at = (int)net.ReadConfig(at + 1, 1))
        {
            if (net.ReadConfig(at, 1) != VendorCapabilityId)
                continue;

            uint type = (uint)net.ReadConfig(at + 3, 1);
            int length = (int)net.ReadConfig(at + 2, 1);
            Assert.Equal(type is 2 or 5 ? 20 : 16, length);
            Assert.True(found.TryAdd(type, ((uint)net.ReadConfig(at + 8, 4), (uint)net.ReadConfig(at + 12, 4))));
            if (type != 5)
                Assert.Equal((ulong)VirtioBar.Index, net.ReadConfig(at + 4, 1));
        }

        Assert.Equal(new uint[] { 1, 2, 3, 4, 5 }, found.Keys.Order());
        uint end = 0;
        foreach ((uint offset, uint length) in Structures.Select(type => found[type]).Order())
        {
            Assert.True(offset >= end && length > 0);
            end = offset + length;
        }

        Assert.True(end <= VirtioBar.MsixTable);
        Assert.Equal((ulong)VirtioBar.Size, net.Endpoint.Bar(VirtioBar.Index).Size);
    }

    [Theory]
    [MemberData(nameof(CommonFields))]
    public void V002_Common_fields_have_their_access_and_reset_value(int offset, int width, ulong reset, bool writable)
    {
        using NetEndpoint net = WithPairs();
        Assert.Equal(64u, Structure(net, CapabilityType.Common).Length);
        Assert.Equal(reset, net.Read((uint)offset, width));
        ulong value = offset == CommonConfig.QueueSize ? 64u : 1u;
        net.Write((uint)offset, width, value);
        if (offset != CommonConfig.QueueEnable)
            Assert.Equal(writable ? value : reset, net.Read((uint)offset, width));
        net.Status = 0;
        Assert.Equal(reset, net.Read((uint)offset, width));
    }

    [Fact]
    public void V002_Fields_take_any_width()
    {
        using NetEndpoint net = WithPairs();
        net.Write(CommonConfig.QueueDesc, 8, 0x1122_3344_5566_7780);
        Assert.Equal(0x1122_3344u, net.Read(CommonConfig.QueueDesc + 4, 4));
        net.Write(CommonConfig.QueueDesc + 1, 1, 0xAA);
        Assert.Equal(0x1122_3344_5566_AA80u, net.Read(CommonConfig.QueueDesc, 8));
        net.Write(CommonConfig.DeviceStatus, 4, 0x0003_0001);
        Assert.Equal(1, net.Status);
        Assert.Equal(3u, net.Read(CommonConfig.QueueSelect, 2));
        Assert.Equal(0u, net.Read(CommonConfig.Length, 8));
    }

    [Fact]
    public void V003_Feature_words_beyond_the_fourth_read_zero()
    {
        using NetEndpoint net = WithPairs();
        Assert.NotEqual(0u, net.Features(0));
        Assert.NotEqual(0u, net.Features(1));
        Assert.All(new uint[] { 2, 3, 4, 5, 64, uint.MaxValue }, word => Assert.Equal(0u, net.Features(word)));
        net.Write(CommonConfig.DriverFeatureSelect, 4, 4);
        net.Write(CommonConfig.DriverFeature, 4, uint.MaxValue);
        Assert.True(net.TryNegotiate(VirtioFeatures.Version1), "a write beyond the fourth word counts for nothing");
    }

    [Fact]
    public void V004_Bits_that_were_not_offered_leave_features_ok_clear()
    {
        using NetEndpoint net = WithPairs();
        for (int bit = 0; bit < 64; bit++)
        {
            var feature = (VirtioFeatures)(1UL << bit);
            if ((net.Offered & feature) == 0)
                Assert.False(net.TryNegotiate(VirtioFeatures.Version1 | feature), $"bit {bit}");
        }

        net.Status = 0;
        net.Status = 3;
        net.WriteFeatures(VirtioFeatures.Version1);
        net.Write(CommonConfig.DriverFeatureSelect, 4, 2);
        net.Write(CommonConfig.DriverFeature, 4, 1);
        net.Status = 11;
        Assert.Equal(3, net.Status);
    }

    [Fact]
    public void V005_Without_version_1_features_ok_stays_clear()
    {
        using NetEndpoint net = WithPairs();
        Assert.False(net.TryNegotiate(VirtioFeatures.Mac | VirtioFeatures.Status));
        net.Status = 15;
        Assert.Equal(3, net.Status);
    }

    [Theory]
    [InlineData(VirtioFeatures.GuestTso4)]
    [InlineData(VirtioFeatures.GuestTso6)]
    [InlineData(VirtioFeatures.GuestEcn | VirtioFeatures.GuestCsum)]
    [InlineData(VirtioFeatures.GuestUso4)]
    [InlineData(VirtioFeatures.GuestUso6)]
    [InlineData(VirtioFeatures.HostTso4)]
    [InlineData(VirtioFeatures.HostTso6)]
    [InlineData(VirtioFeatures.HostEcn | VirtioFeatures.Csum)]
    [InlineData(VirtioFeatures.HostUso)]
    [InlineData(VirtioFeatures.CtrlRx)]
    [InlineData(VirtioFeatures.CtrlVlan)]
    [InlineData(VirtioFeatures.CtrlRxExtra)]
    [InlineData(VirtioFeatures.CtrlMacAddr)]
    [InlineData(VirtioFeatures.CtrlGuestOffloads)]
    [InlineData(VirtioFeatures.GuestAnnounce)]
    [InlineData(VirtioFeatures.Mq)]
    [InlineData(VirtioFeatures.Rss)]
    [InlineData(VirtioFeatures.NotfCoal)]
    [InlineData(VirtioFeatures.VqNotfCoal)]
    public void V006_A_feature_without_what_it_needs_leaves_features_ok_clear(VirtioFeatures features)
    {
        using NetEndpoint net = WithPairs();
        Assert.False(net.TryNegotiate(VirtioFeatures.Version1 | features));
        Assert.True(net.TryNegotiate(net.Offered));
    }

    [Fact]
    public void V006_What_is_offered_needs_nothing_that_is_not()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            var masked = (VirtioFeatures)(1UL << bit);
            var settings = new NetFunctionSettings { Name = "net0/0", QueuePairs = 2, MaskedFeatures = masked };
            VirtioFeatures offered = NetFeatureRules.Offered(settings);
            Assert.True(NetFeatureRules.AreConsistent(offered), $"{masked} masked");
            Assert.True((offered & VirtioFeatures.Version1) != 0);
            Assert.Equal((VirtioFeatures)0, offered & masked & ~VirtioFeatures.Version1);
        }
    }

    [Fact]
    public void V007_Only_zero_takes_status_bits_away()
    {
        using NetEndpoint net = WithPairs();
        net.Negotiate(VirtioFeatures.None);
        net.Status = 15;
        foreach (byte lower in new byte[] { 1, 3, 11, 4, 8, 14, 64 })
        {
            net.Status = lower;
            Assert.Equal(15, net.Status);
        }

        net.Status = 0x80 | 15;
        Assert.Equal(0x8F, net.Status);
        net.Status = 0;
        Assert.Equal(0, net.Status);
    }

    [Fact]
    public void V007_A_driver_cannot_set_what_is_the_device_s()
    {
        using NetEndpoint net = WithPairs();
        net.Status = 0x40 | 0x30 | 1;
        Assert.Equal(1, net.Status);
        net.Status = 4 | 1;
        Assert.Equal(1, net.Status);
    }

    [Fact]
    public void V007_Features_stand_once_they_were_accepted()
    {
        using NetEndpoint net = WithPairs();
        net.Negotiate(VirtioFeatures.Mac);
        net.WriteFeatures(net.Offered);
        Assert.Equal(VirtioFeatures.Mac | VirtioFeatures.Version1, net.Function.Status.Features);
    }

    [Fact]
    public void V012_A_vector_beyond_the_table_reads_back_as_none()
    {
        using NetEndpoint net = WithPairs();
        ushort count = (ushort)net.Endpoint.MsixVectorCount;
        Assert.True(count >= 6, "one for the configuration and one for each queue");
        foreach (uint field in new uint[] { CommonConfig.ConfigMsixVector, CommonConfig.QueueMsixVector })
        {
            net.Write(field, 2, count - 1u);
            Assert.Equal(count - 1u, net.Read(field, 2));
            net.Write(field, 2, count);
            Assert.Equal(0xFFFFu, net.Read(field, 2));
        }
    }

    [Fact]
    public void V012_Without_msix_there_are_no_vectors()
    {
        using var net = new NetEndpoint(new NetFunctionSettings { Name = "net0/0", Interrupts = NetInterrupts.Intx });
        net.Write(CommonConfig.ConfigMsixVector, 2, 0);
        Assert.Equal(0xFFFFu, net.Read(CommonConfig.ConfigMsixVector, 2));
        Assert.True(net.Endpoint.HasIntx);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void V014_The_window_reads_and_writes_the_bar(int width)
    {
        using NetEndpoint net = WithPairs();
        int window = Window(net);
        Aim(net, window, VirtioBar.Index, CommonConfig.QueueDesc, (uint)width);
        net.WriteConfig(window + 16, width, 0x8877_6650);
        ulong mask = (1UL << (8 * width)) - 1;
        Assert.Equal(0x8877_6650 & mask, net.Read(CommonConfig.QueueDesc, 8));
        Assert.Equal(0x8877_6650 & mask, net.ReadConfig(window + 16, width));
        Aim(net, window, VirtioBar.Index, CommonConfig.NumQueues, 2);
        Assert.Equal(5u, net.ReadConfig(window + 16, 2));
    }

    [Theory]
    [InlineData(0, 0u, 4u)]
    [InlineData(5, 0u, 4u)]
    [InlineData(VirtioBar.Index, 0u, 0u)]
    [InlineData(VirtioBar.Index, 0u, 3u)]
    [InlineData(VirtioBar.Index, 0u, 8u)]
    [InlineData(VirtioBar.Index, 18u, 4u)]
    [InlineData(VirtioBar.Index, VirtioBar.Size, 4u)]
    [InlineData(VirtioBar.Index, 0xFFFF_FFFCu, 4u)]
    public void V014_A_window_on_nothing_is_ignored(byte bar, uint offset, uint length)
    {
        using NetEndpoint net = WithPairs();
        int window = Window(net);
        Aim(net, window, bar, offset, length);
        net.WriteConfig(window + 16, 4, uint.MaxValue);
        Assert.Equal(0u, net.ReadConfig(window + 16, 4));
        Assert.Equal(0u, net.Read(CommonConfig.DeviceFeatureSelect, 4));
        Assert.Equal(offset, (uint)net.ReadConfig(window + 8, 4));
    }

    [Fact]
    public void V019_Sr_iov_is_offered_iff_the_capability_is_there()
    {
        using var physical = new NetEndpoint(new NetFunctionSettings { Name = "net0/pf", HasSriovCapability = true });
        using NetEndpoint other = WithPairs();
        Assert.True((physical.Offered & VirtioFeatures.SrIov) != 0);
        Assert.False((other.Offered & VirtioFeatures.SrIov) != 0);
        Assert.True(physical.TryNegotiate(VirtioFeatures.Version1 | VirtioFeatures.SrIov));
        Assert.False(other.TryNegotiate(VirtioFeatures.Version1 | VirtioFeatures.SrIov));
    }

    [Fact]
    public void Notify_offset_is_the_queue_index_and_lies_in_its_structure()
    {
        using NetEndpoint net = WithPairs();
        (uint _, uint length) = Structure(net, CapabilityType.Notify);
        for (int queue = 0; queue < 5; queue++)
        {
            Assert.Equal((ulong)queue, net.ReadQueue(queue, CommonConfig.QueueNotifyOff));
            Assert.True((queue * VirtioBar.NotifyMultiplier) + 4 <= length);
        }
    }

    private static NetEndpoint WithPairs() => new(new NetFunctionSettings { Name = "net0/0", QueuePairs = 2, QueueSize = 256 });

    private static int Window(NetEndpoint net)
    {
        int at = net.FindCapability(VendorCapabilityId);
        while (net.ReadConfig(at + 3, 1) != (ulong)CapabilityType.PciAccess)
            at = (int)net.ReadConfig(at + 1, 1);
        return at;
    }

    private static (uint Offset, uint Length) Structure(NetEndpoint net, CapabilityType type)
    {
        int at = net.FindCapability(VendorCapabilityId);
        while (net.ReadConfig(at + 3, 1) != (ulong)type)
            at = (int)net.ReadConfig(at + 1, 1);
        return ((uint)net.ReadConfig(at + 8, 4), (uint)net.ReadConfig(at + 12, 4));
    }

    private static void Aim(NetEndpoint net, int window, byte bar, uint offset, uint length)
    {
        net.WriteConfig(window + 4, 1, bar);
        net.WriteConfig(window + 8, 4, offset);
        net.WriteConfig(window + 12, 4, length);
    }
}
