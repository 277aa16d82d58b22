using System.Buffers.Binary;
using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Net;
using SoftIov.Lab.Virtio;
using SoftIov.Tests.Datapath;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>Queues that move between pollers while frames are in flight: counted, in order, by their drivers.</summary>
public sealed class MovingQueuesTests : IDisposable
{
    private const int Frames = 20_000;
    private const int Moves = 100;
    private const int Window = 64;
    private const int Stamp = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly VirtualSwitch _switch = new(TimeProvider.System);
    private readonly PollScheduler _scheduler = new([new SignalSleep(), new SignalSleep()], new PollSettings(), TimeProvider.System);
    private readonly byte[] _buffer = new byte[2048];
    private int _moves;

    public void Dispose() => _scheduler.Dispose();

    [Theory]
    [InlineData((ulong)RingKind.SplitEvents)]
    [InlineData((ulong)RingKind.PackedEvents)]
    public async Task Frames_in_flight_are_neither_lost_nor_doubled_nor_out_of_order(ulong rings)
    {
        using Guest a = Make(1, rings);
        using Guest b = Make(2, rings);
        using Guest c = Make(3, rings);
        Guest[] guests = [a, b, c];
        PollHandle[] handles = [.. guests.SelectMany(HandlesOf)];
        using var done = new CancellationTokenSource();
        Task moving = Task.Run(() => MoveUntil(handles, done.Token));

        // Flow [i, j] is what guest i sends to guest j.
        var sent = new long[3, 3];
        var received = new long[3, 3];
        try
        {
            Exchange(guests, sent, received);
        }
        finally
        {
            await done.CancelAsync();
            await moving;
        }

        // Nothing comes twice: after the last frame nothing came, and both sides have counted the same.
        foreach (Guest guest in guests)
        {
            Assert.Equal(-1, guest.Driver.TryReceive(_buffer));
        }

        Assert.Equal(Total(sent), guests.Sum(guest => guest.Port.Counters.TxPackets));
        SpinWait.SpinUntil(() => guests.Sum(guest => guest.Port.Counters.RxPackets) >= Total(sent), Patience); // counted after it is there
        Assert.Equal(Total(sent), guests.Sum(guest => guest.Port.Counters.RxPackets));
        Assert.True(_moves >= Moves, $"{_moves} moves");
    }

    private void Exchange(Guest[] guests, long[,] sent, long[,] received)
    {
        long start = Environment.TickCount64;
        for (int round = 0; Total(sent) < Frames || Volatile.Read(ref _moves) < Moves; round++)
        {
            for (int from = 0; from < guests.Length; from++)
            {
                Send(guests, from, (from + 1 + (round % 2)) % guests.Length, sent, received);
            }

            for (int to = 0; to < guests.Length; to++)
            {
                Receive(guests[to], to, received);
            }

            Assert.True(Environment.TickCount64 - start < Patience.TotalMilliseconds, $"{_moves} moves in {round} rounds");
        }

        Assert.True(SpinWait.SpinUntil(() => AllHere(guests, sent, received), Patience), "frames were lost");
    }

    private Guest Make(int function, ulong rings) => new(
        _switch, function, new NetDriverOptions { Features = NetDriverOptions.Plain | (VirtioFeature)rings }, scheduler: _scheduler);

    /// <summary>The places of its queue pairs.</summary>
    private static IEnumerable<PollHandle> HandlesOf(Guest guest) =>
        guest.Device.Function.Device.Pollables.OfType<QueuePair>().Select(pair => pair.Handle).OfType<PollHandle>();

    private void MoveUntil(PollHandle[] handles, CancellationToken done)
    {
        var random = new Random(3);
        while (!done.IsCancellationRequested)
        {
            if (_scheduler.Move(handles[random.Next(handles.Length)], random.Next(2)))
            {
                Interlocked.Increment(ref _moves);
            }

            Thread.Yield();
        }
    }

    /// <summary>Up to a few frames, as long as all that are in flight to a receiver fit into its ring.</summary>
    private static void Send(Guest[] guests, int from, int to, long[,] sent, long[,] received)
    {
        byte[] frame = TestFrame.Plain(guests[to].Mac, guests[from].Mac);
        for (int i = 0; i < 8 && sent[from, to] - received[from, to] < Window; i++)
        {
            frame[Stamp - 1] = (byte)from;
            BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(Stamp), sent[from, to]);
            if (!guests[from].Driver.TrySend(frame))
            {
                return;
            }

            sent[from, to]++;
        }
    }

    private void Receive(Guest guest, int to, long[,] received)
    {
        while (guest.Driver.TryReceive(_buffer) >= 0)
        {
            int from = _buffer[Stamp - 1];
            Assert.Equal(received[from, to], BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(Stamp)));
            received[from, to]++;
        }
    }

    private bool AllHere(Guest[] guests, long[,] sent, long[,] received)
    {
        for (int to = 0; to < guests.Length; to++)
        {
            Receive(guests[to], to, received);
        }

        return Total(sent) == Total(received);
    }

    private static long Total(long[,] counts) => counts.Cast<long>().Sum();
}
