using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.Backings;

/// <summary>A store in a file or block device, locked for this process. Past the page cache where the file system can.</summary>
internal sealed class FileStore : IBlockStore
{
    private const int ZeroesBytes = 1 << 20;

    private readonly FileDescriptor _file;
    private readonly string _name;
    private readonly IReadOnlyList<EpollSleep> _sleeps;
    private readonly ReservedMemory _zeroes = new(ZeroesBytes);
    private readonly Lock _gate = new();
    private int _users = 1;
    private bool _isDisposed;
    private volatile bool _cannotPunchHoles;
    private volatile bool _cannotZeroRanges;

    /// <summary>Takes an open file over, whose locks and flags are as they shall be.</summary>
    public FileStore(
        FileDescriptor file, string name, long length, int blockBytes, bool isDirect, bool isPersistent, IReadOnlyList<EpollSleep> sleeps)
    {
        _file = file;
        _name = name;
        _sleeps = sleeps;
        Length = length;
        BlockBytes = blockBytes;
        IsDirect = isDirect;
        IsPersistent = isPersistent;
    }

    /// <inheritdoc/>
    public string Name => IsDirect ? _name : $"{_name} (through the page cache)";

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public int BlockBytes { get; }

    /// <inheritdoc/>
    public IHostMemory? Memory => null;

    /// <inheritdoc/>
    public bool IsNull => false;

    /// <inheritdoc/>
    public bool IsPersistent { get; }

    /// <summary>True when data goes past the page cache (O_DIRECT); false where the file system has no other way than through it.</summary>
    public bool IsDirect { get; }

    /// <summary>Zeroes to write where nothing better is to be had.</summary>
    internal Segment Zeroes => _zeroes.Segment(0, ZeroesBytes);

    /// <summary>False once the file system or device refused: nobody asks it again.</summary>
    internal bool CanPunchHoles
    {
        get => !_cannotPunchHoles;
        set => _cannotPunchHoles = !value;
    }

    /// <summary>As <see cref="CanPunchHoles"/>.</summary>
    internal bool CanZeroRanges
    {
        get => !_cannotZeroRanges;
        set => _cannotZeroRanges = !value;
    }

    /// <inheritdoc/>
    public IBlockLane OpenLane(int slotCount, int slotBytes, PollHandle handle) =>
        new FileLane(this, Enter(), slotCount, slotBytes, _sleeps[handle.PollerIndex], handle);

    /// <inheritdoc/>
    public void Deallocate(long offset, long length)
    {
        if (length > 0)
        {
            Run(new BlockRequest(0, BlockOperation.Deallocate, offset, length));
        }
    }

    /// <inheritdoc/>
    public void Flush() => Run(new BlockRequest(0, BlockOperation.Flush, 0, 0));

    /// <summary>Lanes that wait for the kernel keep the file locked, and the zeroes where they are, until the last of them is gone.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        Leave();
    }

    /// <summary>A lane is gone, or the owner.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0)
                return;
        }

        _file.Dispose();
        _zeroes.Dispose();
    }

    /// <summary>The file for a lane of its own, which leaves when it is gone. Throws an <see cref="IOException"/> when the store is closed.</summary>
    internal FileDescriptor Enter()
    {
        lock (_gate)
        {
            if (_isDisposed)
                throw new IOException($"{Name} is closed");
            FileDescriptor file = _file.OpenAgain();
            _users++;
            return file;
        }
    }

    /// <summary>A lane for one request, nobody's but the caller's.</summary>
    private void Run(in BlockRequest request)
    {
        using var lane = new FileLane(this, Enter(), slotCount: 1, slotBytes: 4096, sleep: null, handle: null);
        lane.TrySubmit(in request);
        if (lane.Wait() != BlockOutcome.Done)
        {
            throw new LinuxException(request.Operation == BlockOperation.Flush ? "fdatasync" : "fallocate", lane.LastError, Name);
        }
    }
}
