using System.IO.Pipes;
using SoftIov.Lab.VhostUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Tests.Lab;
using SoftIov.Transports.VhostUser;
using Xunit;

namespace SoftIov.Tests.Transports.VhostUser;

/// <summary>What moving a guest takes: the log of written pages, positions of rings, and the word to the network.</summary>
public sealed class MigrationTests
{
    private const int PageShift = 12;
    private const ulong ProtocolFeaturesBit = 1UL << 30;
    private const ulong LogAll = 1UL << 26;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void V094_every_page_that_is_written_is_marked_while_that_is_wanted(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        FrontEndOptions options = TrafficTests.Options(isPacked);
        VhostUserNetDriver first = setup.Open(0, options with { Driver = options.Driver with { ReceiveBufferSize = 256 } });
        VhostUserNetDriver second = setup.Open(1, options with { Driver = options.Driver with { ReceiveBufferSize = 256 } });
        FrontEndSetup.Send(first, second, 0, 1);

        using Log log = Log.For(second);
        second.Channel.Ask(FrontEndRequest.SetLogBase, log.Payload, log.File);
        FrontEndSetup.Send(first, second, 0, 1);
        Assert.Empty(log.Take()); // not yet

        SetFeatures(second, LogAll);
        for (int round = 0; round < 100; round++)
        {
            byte[] before = second.Memory.Host.Slice(0, (int)second.Memory.Length).ToArray();
            byte[] frame = FrontEndSetup.Frame(0, 1, 1000); // in several buffers
            Assert.True(SpinWait.SpinUntil(() => first.Pairs[0].TrySend(default, frame), FrontEndSetup.Patience));
            Assert.True(SpinWait.SpinUntil(() => second.Pairs[0].Receive.HasUsed, FrontEndSetup.Patience));
            second.StopRing(0); // everything is marked when this returns
            Assert.Subset(log.Take(), WrittenPages(before, second));
            Assert.Equal(frame, FrontEndSetup.Receive(second));
            second.Channel.Do(FrontEndRequest.SetVringKick, FrontEndChannel.Number(0), second.KickOf(0).Descriptor);
        }

        SetFeatures(second, 0);
        log.Take();
        FrontEndSetup.Send(first, second, 0, 1);
        Assert.Empty(log.Take());
    }

    [Fact]
    public void V094_what_lies_beyond_the_log_is_not_marked_and_a_log_that_is_none_is_refused()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using FileDescriptor file = MemoryFile.Create("log", 4096);
        Assert.NotEqual(0UL, second.Channel.Try(FrontEndRequest.SetLogBase, Pair(8192, 0), file));
        Assert.NotEqual(0UL, second.Channel.Try(FrontEndRequest.SetLogBase, Pair(7, 0), file));
        Assert.NotEqual(0UL, second.Channel.Try(FrontEndRequest.SetLogBase, Pair(8, 4), file));
        Assert.NotEqual(0UL, second.Channel.Try(FrontEndRequest.SetLogBase, Pair(8, 0)));

        using MappedFile bytes = MappedFile.Map(file, 0, 4096, writable: true);
        second.Channel.Ask(FrontEndRequest.SetLogBase, Pair(8, 0), file);
        SetFeatures(second, LogAll);
        FrontEndSetup.Send(first, second, 0, 1);
        Assert.All(bytes.Bytes.ToArray(), b => Assert.Equal(0, b));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_guest_that_is_moved_goes_on_at_another_function_where_it_stood(bool isPacked)
    {
        using var setup = new FrontEndSetup();
        using var other = new FrontEndSetup();
        VhostUserNetDriver guest = setup.Open(0, TrafficTests.Options(isPacked));
        VhostUserNetDriver peer = setup.Open(1, TrafficTests.Options(isPacked));
        VhostUserNetDriver there = other.Open(1, TrafficTests.Options(isPacked));
        for (int i = 0; i < 50; i++)
        {
            FrontEndSetup.Send(guest, peer, 0, 1);
            FrontEndSetup.Send(peer, guest, 1, 0);
        }

        uint[] positions = [guest.StopRing(0), guest.StopRing(1)];
        guest.Reconnect(other.Connect(0), positions);
        for (int i = 0; i < 50; i++)
        {
            FrontEndSetup.Send(guest, there, 0, 1);
            FrontEndSetup.Send(there, guest, 1, 0);
        }
    }

    [Fact]
    public void A_reverse_arp_tells_the_network_where_the_guest_is()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        byte[] mac = new byte[8];
        NetPairSetup.MacOf(0).CopyTo(mac);
        for (int i = 0; i < 3; i++)
        {
            first.Channel.Do(FrontEndRequest.SendRarp, mac);
            byte[] frame = FrontEndSetup.Receive(second);
            Assert.Equal("FFFFFFFFFFFF" + Convert.ToHexString(mac[..6]) + "80350001080006040003", Convert.ToHexString(frame[..22]));
            Assert.Equal(mac[..6], frame[22..28]);
            Assert.Equal(mac[..6], frame[32..38]);
            Assert.Equal(60, frame.Length);
        }
    }

    [Fact]
    public void V098_the_state_of_the_back_end_goes_from_one_to_the_other_and_a_broken_one_is_noticed()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        using FileDescriptor file = MemoryFile.Create("state", 0, FileSeals.None);
        Assert.Equal(0x101UL, SetState(first, 0, file)); // rings run
        Stop(first);
        Stop(second);
        Assert.Equal(0x100UL, SetState(first, 0, file));
        Assert.Equal(0UL, Check(first));

        Assert.Equal(0x100UL, Load(second, file));
        Assert.Equal(0UL, Check(second));
        using MappedFile bytes = MappedFile.Map(file, 0, 24, writable: true);
        bytes.Bytes[8]++; // another version
        Assert.Equal(0x100UL, Load(second, file));
        Assert.Equal(1UL, Check(second));
        bytes.Bytes[8]--;
        bytes.Bytes[23] = 0xFF; // features that nobody offers
        Load(second, file);
        Assert.Equal(1UL, Check(second));
        Assert.Equal(0x101UL, SetState(first, 2, file));
    }

    [Fact]
    public void V098_the_state_goes_through_pipes_of_which_the_front_end_keeps_its_end()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        Stop(first);
        Stop(second);
        byte[] state;
        using (var pipe = new AnonymousPipeServerStream(PipeDirection.In))
        {
            using (FileDescriptor end = End(pipe))
                Assert.Equal(0x100UL, SetState(first, 0, end));
            using var read = new MemoryStream();
            pipe.CopyTo(read); // up to the end: it was closed behind the state
            state = read.ToArray();
            Assert.Equal(0UL, Check(first));
        }

        Assert.Equal(24, state.Length);
        foreach (bool isWhole in new[] { true, false })
        {
            using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
            using (FileDescriptor end = End(pipe))
                Assert.Equal(0x100UL, SetState(second, 1, end));
            pipe.Write(isWhole ? state : state.AsSpan(1));
            pipe.Dispose();
            Assert.Equal(isWhole ? 0UL : 1, Check(second));
        }
    }

    [Fact]
    public async Task A_pipe_that_blocks_holds_its_front_end_alone_and_that_for_a_while()
    {
        using var setup = new FrontEndSetup(settings: new VhostUserSettings { StateTimeout = TimeSpan.FromSeconds(1) });
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        Stop(first);
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using FileDescriptor end = End(pipe);
        Assert.Equal(0x100UL, SetState(first, 1, end));
        Assert.Equal(1UL, Check(first));
        Assert.Equal(0x101UL, SetState(first, 1, end)); // one at a time
        Assert.Equal(1UL, Check(first));
        Assert.NotEmpty(second.Channel.Ask(FrontEndRequest.GetFeatures, []));

        FrontEndChannel next = await ComeBackAsync(setup, first);
        Assert.Equal(0x101UL, SetState(next, 1, second.Memory.File!)); // whoever comes back is the same client
        pipe.Dispose();
        Assert.True(SpinWait.SpinUntil(() => SetState(next, 1, second.Memory.File!) == 0x100UL, FrontEndSetup.Patience));
        Assert.Equal(1UL, BitConverter.ToUInt64(next.Ask(FrontEndRequest.CheckDeviceState, [])));
        next.Dispose();
    }

    [Fact]
    public async Task While_a_state_is_waited_for_others_are_served_and_its_own_questions_wait_behind_it()
    {
        using var setup = new FrontEndSetup();
        VhostUserNetDriver first = setup.Open(0);
        VhostUserNetDriver second = setup.Open(1);
        Stop(first);
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using (FileDescriptor end = End(pipe))
            Assert.Equal(0x100UL, SetState(first, 1, end));
        first.Channel.Post(FrontEndRequest.CheckDeviceState, []);
        first.Channel.Post(FrontEndRequest.GetQueueNum, []);
        for (int i = 0; i < 100; i++)
            Assert.NotEmpty(second.Channel.Ask(FrontEndRequest.GetFeatures, []));
        Assert.False(PollDescriptor.WaitReadable(first.Channel.Stream.Descriptor, TimeSpan.Zero));
        pipe.Dispose();
        Task<byte[]> check = Task.Run(() => first.Channel.Answer(FrontEndRequest.CheckDeviceState));
        Assert.Equal(FrontEndChannel.Number(1), await check.WaitAsync(FrontEndSetup.Patience));
        Assert.NotEmpty(first.Channel.Answer(FrontEndRequest.GetQueueNum));
    }

    private static async Task<FrontEndChannel> ComeBackAsync(FrontEndSetup setup, VhostUserNetDriver former)
    {
        former.Channel.Stream.Shutdown();
        await Task.Run(setup.WaitDetached).WaitAsync(FrontEndSetup.Patience);
        FrontEndChannel channel = setup.Connect(0);
        channel.Ask(FrontEndRequest.GetFeatures, []);
        return channel;
    }

    /// <summary>The other end, which is the caller's then.</summary>
    private static FileDescriptor End(AnonymousPipeServerStream pipe)
    {
        var end = new FileDescriptor((int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        pipe.ClientSafePipeHandle.SetHandleAsInvalid();
        return end;
    }

    private static void Stop(VhostUserNetDriver driver)
    {
        driver.StopRing(0);
        driver.StopRing(1);
    }

    private static ulong SetState(VhostUserNetDriver driver, uint direction, FileDescriptor file) => SetState(driver.Channel, direction, file);

    private static ulong SetState(FrontEndChannel channel, uint direction, FileDescriptor file) => BitConverter.ToUInt64(channel.Ask(
        FrontEndRequest.SetDeviceStateFd, [.. BitConverter.GetBytes(direction), 0, 0, 0, 0], file));

    private static ulong Load(VhostUserNetDriver driver, FileDescriptor file)
    {
        using FileDescriptor fromStart = file.OpenAgain();
        return SetState(driver, 1, fromStart);
    }

    private static ulong Check(VhostUserNetDriver driver) => BitConverter.ToUInt64(driver.Channel.Ask(FrontEndRequest.CheckDeviceState, []));

    private static void SetFeatures(VhostUserNetDriver driver, ulong more) =>
        driver.Channel.Do(FrontEndRequest.SetFeatures, FrontEndChannel.Number((ulong)driver.Features | ProtocolFeaturesBit | more));

    private static byte[] Pair(ulong size, ulong offset) => [.. BitConverter.GetBytes(size), .. BitConverter.GetBytes(offset)];

    /// <summary>Pages in which the device wrote: all that differ.</summary>
    private static HashSet<ulong> WrittenPages(byte[] before, VhostUserNetDriver driver)
    {
        Span<byte> after = driver.Memory.Host.Slice(0, before.Length);
        var pages = new HashSet<ulong>();
        for (int page = 0; page < before.Length >> PageShift; page++)
        {
            Range range = (page << PageShift)..((page + 1) << PageShift);
            if (!before.AsSpan(range).SequenceEqual(after[range]))
                pages.Add((driver.Memory.Iova >> PageShift) + (ulong)page);
        }

        Assert.NotEmpty(pages);
        return pages;
    }

    /// <summary>A log as who moves a guest has it.</summary>
    private sealed class Log : IDisposable
    {
        private readonly MappedFile _bytes;

        private Log(long length)
        {
            File = MemoryFile.Create("log", length);
            _bytes = MappedFile.Map(File, 0, length, writable: true);
            Payload = Pair((ulong)length, 0);
        }

        public FileDescriptor File { get; }

        public byte[] Payload { get; }

        public static Log For(VhostUserNetDriver driver) =>
            new((long)((driver.Memory.Iova + (ulong)driver.Memory.Length) >> (PageShift + 3)) + 4096 & ~4095L);

        /// <summary>Pages that are marked; their marks are taken away.</summary>
        public HashSet<ulong> Take()
        {
            var pages = new HashSet<ulong>();
            Span<byte> bytes = _bytes.Bytes;
            int start = 0;
            for (int next = bytes.IndexOfAnyExcept((byte)0); next >= 0; next = bytes[start..].IndexOfAnyExcept((byte)0))
            {
                start += next;
                for (int bit = 0; bit < 8; bit++)
                {
                    if ((bytes[start] >> bit & 1) != 0)
                        pages.Add((ulong)((start * 8L) + bit));
                }

                bytes[start++] = 0;
            }

            return pages;
        }

        public void Dispose()
        {
            _bytes.Dispose();
            File.Dispose();
        }
    }
}
