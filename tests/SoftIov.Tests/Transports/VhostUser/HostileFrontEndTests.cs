using SoftIov.Lab.VhostUser;
using SoftIov.Lab.Virtio;
using SoftIov.Linux;
using SoftIov.Tests.Linux;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>Messages that are wrong: each is refused or ends its session, leaks nothing, and the neighbour notices nothing.</summary>
public sealed class HostileFrontEndTests
{
    private const uint Version = 1;
    private const FrontEndRequest LogEvent = (FrontEndRequest)7;

    public static TheoryData<uint, uint, int> WrongHeaders => new()
    {
        { 1, 0, 0 },             // no version
        { 1, 2, 0 },             // another version
        { 1, 5, 0 },             // an answer to nothing
        { 2, Version, 4097 },    // longer than anything
        { 2, Version, -1 },
        { 1000, Version, 0 },    // unknown, and it would not hear of the refusal
        { 0, Version, 0 },
        { 2, Version, 0 },       // without its payload
    };

    public static TheoryData<FrontEndRequest, byte[], int> Refused
    {
        get
        {
            var data = new TheoryData<FrontEndRequest, byte[], int>
            {
                { FrontEndRequest.SetFeatures, FrontEndChannel.Number(1UL << 32 | 1UL << 60), 0 },
                { FrontEndRequest.SetFeatures, FrontEndChannel.Number(1UL << 1), 0 }, // without VERSION_1
                { FrontEndRequest.SetFeatures, FrontEndChannel.Number(1UL << 32 | 1UL << 7), 0 }, // GUEST_TSO4 without GUEST_CSUM
                { FrontEndRequest.SetProtocolFeatures, FrontEndChannel.Number(1UL << 63), 0 },
                { FrontEndRequest.SetVringNum, FrontEndChannel.State(2, 64), 0 },
                { FrontEndRequest.SetVringNum, FrontEndChannel.State(0, 0), 0 },
                { FrontEndRequest.SetVringNum, FrontEndChannel.State(0, 65536), 0 },
                { FrontEndRequest.SetVringNum, FrontEndChannel.State(0, 2048), 0 },
                { FrontEndRequest.SetVringEnable, FrontEndChannel.State(-1, 1), 0 },
                { FrontEndRequest.SetVringBase, [1, 2, 3], 0 },
                { FrontEndRequest.SetVringAddr, new byte[39], 0 },
                { FrontEndRequest.SetVringKick, FrontEndChannel.Number(0), 0 },
                { FrontEndRequest.SetVringKick, FrontEndChannel.Number(1 << 8), 0 },
                { FrontEndRequest.SetVringCall, FrontEndChannel.Number(7), 1 },
                { FrontEndRequest.SetVringCall, FrontEndChannel.Number(0), 2 },
                { FrontEndRequest.SetVringCall, FrontEndChannel.Number(1 << 8), 1 },
                { FrontEndRequest.NetSetMtu, FrontEndChannel.Number(9000), 0 },
                { FrontEndRequest.NetSetMtu, FrontEndChannel.Number(67), 0 },
                { FrontEndRequest.SetMemTable, new byte[8], 1 },
                { FrontEndRequest.SetMemTable, [255, 255, 255, 255, 0, 0, 0, 0], 0 },
                { FrontEndRequest.SetMemTable, [1, 0, 0, 0, 0, 0, 0, 0, 1], 1 },
                { FrontEndRequest.AddMemReg, new byte[40], 0 },
                { FrontEndRequest.AddMemReg, new byte[40], 1 },
                { FrontEndRequest.RemMemReg, new byte[40], 0 },
                { FrontEndRequest.SetOwner, [], 1 },
                { (FrontEndRequest)1000, [], 0 },
            };
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WrongHeaders))]
    public void V096_what_is_no_message_ends_the_session(uint request, uint flags, int size)
    {
        using var setup = new FrontEndSetup();
        using FrontEndChannel channel = setup.Connect(0);
        channel.Ask(FrontEndRequest.GetFeatures, []);
        channel.Send((FrontEndRequest)request, flags, [], default, size);
        Assert.True(channel.IsClosedByBackEnd());
        setup.WaitDetached();
        Assert.Equal(1, setup.Sockets[0].Counters.BrokenSessions);
        using FrontEndChannel next = setup.Connect(0);
        Assert.NotEmpty(next.Ask(FrontEndRequest.GetFeatures, []));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void V095_a_front_end_that_wants_to_know_hears_of_the_refusal_and_goes_on(FrontEndRequest request, byte[] payload, int files)
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using FrontEndChannel fresh = Fresh(setup, first);
        using FileDescriptor pipe = MemoryFile.Create("wrong", 4096);

        Assert.NotEqual(0UL, fresh.Try(request, payload, [.. Enumerable.Repeat(pipe, files)]));
        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.Of(pipe) == 1, FrontEndSetup.Patience));
        Assert.NotEmpty(fresh.Ask(FrontEndRequest.GetFeatures, []));
        Assert.NotEmpty(second.Channel.Ask(FrontEndRequest.GetFeatures, []));
    }

    [Fact]
    public void What_is_refused_without_a_word_ends_the_session()
    {
        using var setup = new FrontEndSetup();
        using FrontEndChannel channel = setup.Connect(0);
        channel.Post(FrontEndRequest.SetVringNum, FrontEndChannel.State(0, 0));
        Assert.True(channel.IsClosedByBackEnd());
        Assert.Contains("SetVringNum was refused", setup.WaitDetached());
    }

    [Fact]
    public void Running_rings_are_not_given_other_sizes_positions_or_features()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetVringNum, FrontEndChannel.State(1, 32)));
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetVringBase, FrontEndChannel.State(1, 9)));
        ulong others = (ulong)(first.Features & ~VirtioFeature.EventIdx) | 1UL << 30;
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetFeatures, FrontEndChannel.Number(others)));
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Theory]
    [InlineData(FrontEndRequest.GetVringBase)]
    [InlineData(FrontEndRequest.GetFeatures)]
    public void A_question_that_is_refused_is_not_answered_by_what_looks_like_an_answer(FrontEndRequest question)
    {
        const uint NeedReply = 8;
        using var setup = new FrontEndSetup();
        using FrontEndChannel fresh = setup.Connect(0);
        using var call = new EventFd();
        fresh.Ask(FrontEndRequest.GetProtocolFeatures, []);
        fresh.Post(FrontEndRequest.SetProtocolFeatures, FrontEndChannel.Number(1 << 3));
        fresh.Send(question, Version | NeedReply, FrontEndChannel.State(7, 0), [call.Descriptor]);
        Assert.True(fresh.IsClosedByBackEnd());
        Assert.Contains($"{question} was refused", setup.WaitDetached());
    }

    [Fact]
    public void The_log_event_is_an_event()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        using var call = new EventFd();
        first.Channel.Do(LogEvent, FrontEndChannel.Number(0), call.Descriptor);
        using UnixStream other = UnixStream.Connect(setup.Sockets[1].Path);
        Assert.NotEqual(0UL, first.Channel.Try(LogEvent, FrontEndChannel.Number(0), other.Descriptor));
        Assert.NotEmpty(first.Channel.Ask(FrontEndRequest.GetFeatures, []));
    }

    [Fact]
    public void Rings_outside_the_memory_or_misaligned_do_not_run()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        first.StopRing(1);
        byte[] outside = first.Addresses(1, 0);
        outside[8 + 7] = 0x70;
        first.Channel.Do(FrontEndRequest.SetVringAddr, outside);
        first.Channel.Do(FrontEndRequest.SetVringKick, FrontEndChannel.Number(1), first.KickOf(1).Descriptor);
        Assert.True(first.Pairs[0].TrySend(default, FrontEndSetup.Frame(0, 1)));
        Assert.NotEmpty(first.Channel.Ask(FrontEndRequest.GetFeatures, []));
        Assert.Equal(0, setup.Setup.Ports[0].Counters.TxPackets);
        byte[] misaligned = first.Addresses(1, 0);
        misaligned[8] += 4;
        Assert.NotEqual(0UL, first.Channel.Try(FrontEndRequest.SetVringAddr, misaligned));

        // Nobody hears of it again until the ring is wanted again.
        first.Channel.Do(FrontEndRequest.SetVringEnable, FrontEndChannel.State(1, 1));
        first.StopRing(1);
        first.StartRing(1, 0);
        Assert.Equal(100, FrontEndSetup.Receive(second).Length);
        FrontEndSetup.Send(first, second, 0, 1);
    }

    [Fact]
    public void A_message_that_is_cut_off_leaves_nothing_behind()
    {
        using var setup = new FrontEndSetup();
        using var call = new EventFd();
        using (FrontEndChannel channel = setup.Connect(0))
        {
            channel.Ask(FrontEndRequest.GetFeatures, []);
            channel.Send(FrontEndRequest.SetVringCall, Version, [1], [call.Descriptor], size: 8);
            channel.Stream.Shutdown();
            Assert.Contains("within a message", setup.WaitDetached());
        }

        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors.Of(call.Descriptor) == 1, FrontEndSetup.Patience));
    }

    [Fact]
    public void A_session_that_ends_gives_everything_back()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        EventFd call = first.InterruptOf(0)!;
        FileDescriptor file = first.Memory.File!;
        Assert.True(OpenDescriptors.Of(call.Descriptor) > 1);
        first.Channel.Stream.Shutdown();
        setup.WaitDetached();
        Assert.Equal(1, OpenDescriptors.Of(call.Descriptor));
        Assert.Equal(1, OpenDescriptors.Of(file));
        Assert.Equal(0, setup.Setup.Adapter.Vf(0)!.Dma.Count);
        Assert.False(setup.Setup.Adapter.Vf(0)!.Dma.BusMasterEnable);
    }

    [Fact]
    public async Task A_call_event_that_is_full_and_blocks_holds_nobody()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        uint position = first.StopRing(1);
        BlockingEvent.FillUp(first.InterruptOf(1)!);
        BlockingEvent.FillUp(second.InterruptOf(0)!);
        await Task.Run(() => first.StartRing(1, position)).WaitAsync(FrontEndSetup.Patience); // signals it
        await Task.Run(() => second.Channel.Ask(FrontEndRequest.GetFeatures, [])).WaitAsync(FrontEndSetup.Patience);
        byte[] frame = FrontEndSetup.Frame(0, 1);
        Assert.True(first.Pairs[0].TrySend(default, frame)); // so does the poller
        Assert.True(SpinWait.SpinUntil(() => second.Pairs[0].Receive.HasUsed, FrontEndSetup.Patience));
        Assert.NotEmpty(first.Channel.Ask(FrontEndRequest.GetFeatures, []));
        Assert.All(setup.Sockets, socket => Assert.Equal(0, socket.Counters.BrokenSessions));
    }

    /// <summary>A connection to VF 0 on which nothing runs, and that can be answered.</summary>
    private static FrontEndChannel Fresh(FrontEndSetup setup, VhostUserNetDriver former)
    {
        former.Channel.Stream.Shutdown();
        setup.WaitDetached();
        FrontEndChannel fresh = setup.Connect(0);
        fresh.Ask(FrontEndRequest.GetProtocolFeatures, []);
        fresh.Post(FrontEndRequest.SetProtocolFeatures, FrontEndChannel.Number(1 << 3));
        return fresh;
    }
}
