using System.Buffers.Binary;
using SoftIov.Lab.VhostUser;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>REPLY_ACK: every message is answered once, by what it asks for or by whether it was done.</summary>
public sealed class AcknowledgementTests
{
    private const FrontEndRequest ResetOwner = (FrontEndRequest)4;

    /// <summary>Messages in an order in which each of them can be done, by a front-end that has no rings yet.</summary>
    private static (FrontEndRequest Request, byte[] Payload)[] Done(ulong features, ulong protocol) =>
    [
        (FrontEndRequest.SetOwner, []),
        (FrontEndRequest.SetProtocolFeatures, FrontEndChannel.Number(protocol)),
        (FrontEndRequest.SetFeatures, FrontEndChannel.Number(features)),
        (FrontEndRequest.SetVringNum, FrontEndChannel.State(0, 64)),
        (FrontEndRequest.SetVringBase, FrontEndChannel.State(0, 5)),
        (FrontEndRequest.SetVringEnable, FrontEndChannel.State(0, 1)),
        (FrontEndRequest.NetSetMtu, FrontEndChannel.Number(1500)),
        (FrontEndRequest.SetStatus, FrontEndChannel.Number(0xB)),
        (FrontEndRequest.SetMemTable, new byte[8]),
        (FrontEndRequest.SendRarp, [2, 0, 0, 0, 0, 9]),
        (FrontEndRequest.ResetDevice, []),
        (ResetOwner, []),
    ];

    [Fact]
    public void V095_each_message_without_an_answer_of_its_own_is_acknowledged()
    {
        using var setup = new FrontEndSetup();
        using FrontEndChannel channel = Begin(setup, out ulong features, out ulong protocol);
        foreach ((FrontEndRequest request, byte[] payload) in Done(features, protocol))
            Assert.Equal((request, 0UL), (request, channel.Try(request, payload)));
        Assert.NotEmpty(channel.Ask(FrontEndRequest.GetFeatures, [])); // nothing else is waiting to be read
    }

    [Theory]
    [InlineData(FrontEndRequest.GetFeatures)]
    [InlineData(FrontEndRequest.GetProtocolFeatures)]
    [InlineData(FrontEndRequest.GetQueueNum)]
    [InlineData(FrontEndRequest.GetMaxMemSlots)]
    [InlineData(FrontEndRequest.GetStatus)]
    [InlineData(FrontEndRequest.CheckDeviceState)]
    public void V095_a_question_has_its_answer_and_no_acknowledgement_besides(FrontEndRequest question)
    {
        using var setup = new FrontEndSetup();
        using FrontEndChannel channel = Begin(setup, out ulong features, out _);
        ulong answer = BinaryPrimitives.ReadUInt64LittleEndian(channel.Ask(question, []));
        channel.Do(FrontEndRequest.SetFeatures, FrontEndChannel.Number(features));
        Assert.Equal(answer, channel.Try(question, []));
        Assert.Equal(0UL, channel.Try(FrontEndRequest.SetOwner, []));
    }

    [Fact]
    public void A_device_whose_owner_is_reset_stops_its_rings()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        FrontEndSetup.Send(first, second, 0, 1);
        Assert.Equal(0UL, second.Channel.Try(ResetOwner, []));
        Assert.Equal(0UL, second.Channel.Try(FrontEndRequest.SetVringNum, FrontEndChannel.State(1, 32))); // refused while a ring runs
    }

    private static FrontEndChannel Begin(FrontEndSetup setup, out ulong features, out ulong protocol)
    {
        FrontEndChannel channel = setup.Connect(0);
        features = (ulong)FrontEndOptions.Plain | 1UL << 30;
        protocol = BinaryPrimitives.ReadUInt64LittleEndian(channel.Ask(FrontEndRequest.GetProtocolFeatures, []));
        channel.Post(FrontEndRequest.SetProtocolFeatures, FrontEndChannel.Number(protocol));
        return channel;
    }
}
