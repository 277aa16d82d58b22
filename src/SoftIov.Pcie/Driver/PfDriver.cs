using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>
/// Drives a PF as an operating system does (decision D2): the register sequence, order and waits of Linux, so that the capability it
/// drives is one a kernel could drive. One call at a time.
/// </summary>
internal sealed class PfDriver
{
    /// <summary>From VF Enable to the first request to a VF (PCIe 9.3.3.3.1).</summary>
    public static readonly TimeSpan EnableWait = TimeSpan.FromMilliseconds(100);

    /// <summary>From clearing VF Enable to the next access of the capability (PCIe 9.3.3.3.1).</summary>
    public static readonly TimeSpan DisableWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private const ushort SriovId = 0x10;
    private const ushort Running = SriovControlBits.VfEnable | SriovControlBits.VfMemorySpaceEnable;

    private readonly IConfigAccess _access;
    private readonly BusEnumerator _bus;
    private readonly TimeProvider _time;
    private int _capability;
    private bool _hasVfAddresses;
    private long _clearedAt;
    private bool _isSettling;

    public PfDriver(IConfigAccess access, RequesterId port, TimeProvider time)
    {
        _access = access;
        _bus = new BusEnumerator(access, port);
        _time = time;
    }

    /// <summary>TotalVFs as read at probe.</summary>
    public int TotalVfs { get; private set; }

    /// <summary>VFs this driver enabled.</summary>
    public int NumVfs { get; private set; }

    /// <summary>Highest bus number any NumVFs needs.</summary>
    public int LastVfBus { get; private set; }

    private ConfigPort Pf => _bus.Physical;

    /// <summary>Enumerates the bus and takes the PF over: VFs that were enabled vanish, sizes and addresses are set.</summary>
    public async Task ProbeAsync(CancellationToken cancellation)
    {
        _bus.NumberBuses();
        _capability = Pf.FindExtended(SriovId);
        _bus.AssignPhysicalBars();
        if (_capability != 0)
            await ProbeSriovAsync(cancellation).ConfigureAwait(false);
        _bus.Open();
    }

    /// <summary>Enables <paramref name="numVfs"/> VFs, from none. When it fails or is cancelled there are none again.</summary>
    public async Task EnableAsync(int numVfs, IProgress<PfDriverStep>? progress, CancellationToken cancellation)
    {
        if (NumVfs != 0)
            throw new PfDriverException(PfDriverError.Busy, $"{NumVfs} VFs are enabled: disable them first");
        if (numVfs < 1 || numVfs > TotalVfs)
            throw new PfDriverException(PfDriverError.OutOfRange, $"{numVfs} VFs asked of a PF with {TotalVfs}");
        await SettleAsync(cancellation).ConfigureAwait(false);
        if (Read(SriovOffsets.InitialVfs) != TotalVfs)
            throw new PfDriverException(PfDriverError.BadCapability, "InitialVFs differs from TotalVFs");
        if (!_hasVfAddresses)
            throw new PfDriverException(PfDriverError.NoAddressSpace, "the VF BARs do not fit below the root port");
        progress?.Report(PfDriverStep.SetNumVfs);
        Write(SriovOffsets.NumVfs, (ushort)numVfs);
        ushort offset = Read(SriovOffsets.FirstVfOffset);
        ushort stride = Read(SriovOffsets.VfStride);
        int last = VfId(numVfs - 1, offset, stride);
        if (last > ushort.MaxValue)
        {
            Write(SriovOffsets.NumVfs, 0);
            throw new PfDriverException(PfDriverError.NoBusNumbers, $"VF {numVfs - 1} would need bus {last >> 8}");
        }

        try
        {
            await StartAsync(VfId(0, offset, stride), last, progress, cancellation).ConfigureAwait(false);
        }
        catch
        {
            ClearVfEnable();
            throw;
        }

        NumVfs = numVfs;
        progress?.Report(PfDriverStep.Done);
    }

    /// <summary>Disables all VFs. Cancelled, it has done so too: then the next call waits for what is left of the second.</summary>
    public async Task DisableAsync(IProgress<PfDriverStep>? progress, CancellationToken cancellation)
    {
        if (NumVfs == 0)
            return;
        progress?.Report(PfDriverStep.Disable);
        ClearVfEnable();
        NumVfs = 0;
        await SettleAsync(cancellation).ConfigureAwait(false);
        progress?.Report(PfDriverStep.Done);
    }

    private async Task ProbeSriovAsync(CancellationToken cancellation)
    {
        if ((Read(SriovOffsets.Control) & SriovControlBits.VfEnable) != 0)
        {
            Write(SriovOffsets.Control, 0);
            await Task.Delay(DisableWait, _time, cancellation).ConfigureAwait(false);
        }

        TotalVfs = Read(SriovOffsets.TotalVfs);
        if (TotalVfs == 0)
            return;
        Write(SriovOffsets.Control, _bus.ForwardsAri ? SriovControlBits.AriCapableHierarchy : (ushort)0);
        SetPageSize();
        _hasVfAddresses = _bus.TryAssign(Pf, _capability + SriovOffsets.VfBars, TotalVfs);
        FindLastBus();
        Write(SriovOffsets.NumVfs, 0);
    }

    private void SetPageSize()
    {
        uint supported = Pf.Read32(_capability + SriovOffsets.SupportedPageSizes);
        if (supported == 0)
            throw new PfDriverException(PfDriverError.BadCapability, "no supported page size");
        uint smallest = supported & (0 - supported);
        Pf.Write32(_capability + SriovOffsets.SystemPageSize, smallest);
    }

    /// <summary>Writes every NumVFs, since offset and stride may depend on it, and keeps the worst bus.</summary>
    private void FindLastBus()
    {
        for (int numVfs = TotalVfs; numVfs > 0; numVfs--)
        {
            Write(SriovOffsets.NumVfs, (ushort)numVfs);
            ushort offset = Read(SriovOffsets.FirstVfOffset);
            ushort stride = Read(SriovOffsets.VfStride);
            if (offset == 0 || (stride == 0 && numVfs > 1))
                throw new PfDriverException(PfDriverError.BadCapability, $"no offset or stride for {numVfs} VFs");
            LastVfBus = Math.Max(LastVfBus, VfId(numVfs - 1, offset, stride) >> 8);
        }
    }

    private async Task StartAsync(int firstId, int lastId, IProgress<PfDriverStep>? progress, CancellationToken cancellation)
    {
        progress?.Report(PfDriverStep.Enable);
        long enabledAt = _time.GetTimestamp();
        Write(SriovOffsets.Control, (ushort)(Read(SriovOffsets.Control) | Running));
        await Task.Delay(EnableWait, _time, cancellation).ConfigureAwait(false);
        if ((Read(SriovOffsets.Control) & SriovControlBits.VfEnable) == 0)
            throw new PfDriverException(PfDriverError.Refused, "the device refused VF Enable");
        progress?.Report(PfDriverStep.ReadVfs);

        // Linux takes class, revision, header type and subsystem of the first VF for those of all.
        ConfigPort first = new(_access, new((ushort)firstId));
        await WaitUntilReadyAsync(first, enabledAt, cancellation).ConfigureAwait(false);
        await WaitUntilReadyAsync(new(_access, new((ushort)lastId)), enabledAt, cancellation).ConfigureAwait(false);
        if (first.Read32(0x08) >> 8 == 0xFF_FFFF || (first.Read8(0x0E) & 0x7F) != 0)
            throw new PfDriverException(PfDriverError.BadCapability, "the first VF is no endpoint");
    }

    /// <summary>A VF's IDs read all ones for good, so Command tells whether it is there.</summary>
    private async Task WaitUntilReadyAsync(ConfigPort vf, long enabledAt, CancellationToken cancellation)
    {
        while (vf.Read32(0x04) == uint.MaxValue)
        {
            if (_time.GetElapsedTime(enabledAt) >= SriovTiming.LongestStart)
                throw new PfDriverException(PfDriverError.Timeout, $"VF at {vf.Id} does not answer");
            await Task.Delay(PollInterval, _time, cancellation).ConfigureAwait(false);
        }
    }

    private void ClearVfEnable()
    {
        Write(SriovOffsets.Control, (ushort)(Read(SriovOffsets.Control) & ~Running));
        _clearedAt = _time.GetTimestamp();
        _isSettling = true;
    }

    /// <summary>After VF Enable was cleared the capability is left alone for a second, then NumVFs returns to 0.</summary>
    private async Task SettleAsync(CancellationToken cancellation)
    {
        if (!_isSettling)
            return;
        TimeSpan left = DisableWait - _time.GetElapsedTime(_clearedAt);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, _time, cancellation).ConfigureAwait(false);
        Write(SriovOffsets.NumVfs, 0);
        _isSettling = false;
    }

    private int VfId(int vf, ushort offset, ushort stride) => Pf.Id.Value + offset + vf * stride;

    private ushort Read(int register) => Pf.Read16(_capability + register);

    private void Write(int register, ushort value) => Pf.Write16(_capability + register, value);
}
