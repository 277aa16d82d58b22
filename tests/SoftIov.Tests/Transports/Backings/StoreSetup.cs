using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Tests.Datapath;
using SoftIov.Transports;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Stores in a folder on the disk, and lanes whose user is the test; handles are those of real pollers.</summary>
internal sealed class StoreSetup : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly EpollSleep[] _sleeps = [new EpollSleep(), new EpollSleep()];
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"stores-{Guid.NewGuid():N}"));

    public StoreSetup()
    {
        Scheduler = new PollScheduler(_sleeps, new PollSettings(SpinMicroseconds: 0), TimeProvider.System);
        Scheduler.PollableFaulted += (_, broken) => Fault = broken;
        Stores = new BlockStores(_sleeps);
        Handle = Scheduler.Add(Pollable, "user", 1);
        Until(() => Pollable.Arms > 0, "the poller sleeps before there is anything to do");
    }

    public PollScheduler Scheduler { get; }

    public BlockStores Stores { get; }

    /// <summary>Whose handle the lanes wake; it does nothing but count.</summary>
    public ScriptedPollable Pollable { get; } = new();

    public PollHandle Handle { get; }

    public Exception? Fault { get; private set; }

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public FileStore OpenFile(string path, long? length = null) => (FileStore)Stores.Open(new BackingOptions(BackingKind.File, path, length));

    /// <summary>Opens what was closed just now: a child that another test forked has the lock too, until it runs its program.</summary>
    public FileStore OpenAgain(string path, long? length = null)
    {
        FileStore? store = null;
        Until(() => (store = TryOpen(path, length)) is not null, "it is locked still");
        return store!;
    }

    /// <summary>A store around any file, of 1 MiB.</summary>
    public FileStore Wrap(FileDescriptor file) =>
        new(file, "wrapped", 1 << 20, blockBytes: 512, isDirect: false, isPersistent: false, _sleeps);

    public IBlockLane OpenLane(IBlockStore store, int slots = 4, int bytes = 64 << 10) => store.OpenLane(slots, bytes, Handle);

    /// <summary>Why the store cannot be opened.</summary>
    public LinuxException Refusal(BackingOptions options) => Assert.Throws<LinuxException>(() => Stores.Open(options).Dispose());

    /// <summary>One request, waited for.</summary>
    public static BlockOutcome Run(IBlockLane lane, in BlockRequest request)
    {
        Assert.True(lane.TrySubmit(in request));
        lane.Start();
        BlockCompletion completion = Assert.Single(Take(lane, 1));
        Assert.Equal(request.Slot, completion.Slot);
        return completion.Outcome;
    }

    /// <summary>Waits for so many answers.</summary>
    public static List<BlockCompletion> Take(IBlockLane lane, int count)
    {
        List<BlockCompletion> taken = [];
        BlockCompletion[] some = new BlockCompletion[3];
        long start = TimeProvider.System.GetTimestamp();
        while (taken.Count < count)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"{taken.Count} of {count} answers came");
            int reaped = lane.Reap(some);
            taken.AddRange(some.AsSpan(0, reaped));
            if (reaped == 0)
            {
                Thread.Sleep(0);
            }
        }

        return taken;
    }

    public static void Until(Func<bool> isSo, string what) => Assert.True(SpinWait.SpinUntil(isSo, Patience), what);

    /// <summary>Writes bytes through slot 0, which has room for them.</summary>
    public static void Write(IBlockLane lane, long offset, byte[] bytes, bool isDurable = false)
    {
        lane.Buffer(0).Write(0, bytes);
        Assert.Equal(BlockOutcome.Done, Run(lane, new BlockRequest(0, BlockOperation.Write, offset, bytes.Length, IsDurable: isDurable)));
    }

    /// <summary>Reads bytes through slot 1.</summary>
    public static byte[] Read(IBlockLane lane, long offset, int length)
    {
        Assert.Equal(BlockOutcome.Done, Run(lane, new BlockRequest(1, BlockOperation.Read, offset, length)));
        byte[] bytes = new byte[length];
        lane.Buffer(1).Read(0, bytes);
        return bytes;
    }

    /// <summary>Bytes that depend on their place.</summary>
    public static byte[] Pattern(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private FileStore? TryOpen(string path, long? length)
    {
        try
        {
            return OpenFile(path, length);
        }
        catch (LinuxException refused) when (refused.Errno == Errno.EBUSY)
        {
            return null;
        }
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        _folder.Delete(recursive: true);
        Assert.Null(Fault);
    }
}
