using SoftIov.Api;
using SoftIov.Daemon.Planning;
using SoftIov.Pcie;
using SoftIov.Transports.VfioUser;

namespace SoftIov.Daemon.Composition;

/// <summary>
/// One adapter put together: the PCIe adapter with its PF driver, its personality, and a socket per function. Changed by one thread at a
/// time; each change is done whole or not at all.
/// </summary>
internal sealed class SoftwareAdapter : IDisposable
{
    private const int VfsAtOnce = 64;

    private readonly AdapterContext _context;
    private readonly AdapterSpec _spec;
    private readonly SriovAdapter _adapter;
    private readonly string _socketDirectory;
    private readonly Dictionary<int, uint> _leases = [];
    private readonly EnablingPace _pace;
    private ServedFunction? _servedPhysical;
    private ServedFunction? _servedWhole;
    private VfioUserServer? _wholeServer;
    private ServedFunction[] _servedVirtuals = [];

    private SoftwareAdapter(AdapterContext context, AdapterSpec spec, IAdapterPersonality personality)
    {
        _context = context;
        _spec = spec;
        _pace = new EnablingPace(context.Time);
        _socketDirectory = spec.SocketDirectory ?? Path.Combine(context.RuntimeDirectory, spec.Name);
        Personality = personality;
        _adapter = new SriovAdapter(new SriovAdapterOptions
        {
            Name = spec.Name,
            Physical = personality.Physical,
            Virtuals = personality.Virtuals,
            TotalVfs = spec.TotalVfs,
            State = context.States,
            Quiescence = context.Scheduler,
            Time = context.Time,
        });
        Refused = new RefusedAccesses(_adapter.Faults);
        _adapter.ClientChangedVfs += TellGuestsVfs;
        try
        {
            personality.Start();
            _adapter.StartAsync().GetAwaiter().GetResult();
            _servedPhysical = ServePhysical();
        }
        catch
        {
            _adapter.Dispose();
            throw;
        }
    }

    /// <summary>What it was made from and changed to; NumVfs is what is enabled.</summary>
    public AdapterSpec Spec => Personality.Spec with { NumVfs = NumVfs, Whole = Whole is not null };

    /// <summary>What its functions are.</summary>
    public IAdapterPersonality Personality { get; }

    /// <summary>The PCIe side.</summary>
    public SriovAdapter Device => _adapter;

    /// <summary>What its functions tried and may not.</summary>
    public RefusedAccesses Refused { get; }

    /// <summary>VFs that were enabled here, each with a socket.</summary>
    public int NumVfs => _servedVirtuals.Length;

    /// <summary>VFs that are there: those enabled here, or by the client that has the adapter whole.</summary>
    public int VfCount => _adapter.VfCount;

    /// <summary>The adapter whole at its socket; null when its functions are served singly.</summary>
    public ServedFunction? Whole => _servedWhole;

    /// <summary>For the planner.</summary>
    public CurrentAdapter Current
    {
        get
        {
            var attached = new HashSet<int>();
            if (_servedPhysical?.Attachment is not null)
                attached.Add(CurrentAdapter.Pf);
            if (_servedWhole?.Attachment is not null)
                attached.Add(CurrentAdapter.Whole);
            for (int vf = 0; vf < _servedVirtuals.Length; vf++)
            {
                if (_servedVirtuals[vf].Attachment is not null)
                    attached.Add(vf);
            }

            return new CurrentAdapter(Spec, attached, _leases.ContainsKey(UndividedKey));
        }
    }

    /// <summary>Makes an adapter without VFs, its PF served.</summary>
    public static SoftwareAdapter Start(AdapterContext context, AdapterSpec spec)
    {
        IAdapterPersonality personality = spec switch
        {
            NetAdapterSpec net => new NetPersonality(context, net),
            NvmeAdapterSpec nvme => new NvmePersonality(context, nvme),
            _ => throw new InvalidOperationException($"there are no adapters of personality {spec.Personality}"),
        };
        try
        {
            return new SoftwareAdapter(context, spec, personality);
        }
        catch
        {
            personality.Dispose();
            throw;
        }
    }

    /// <summary>The PF or an enabled VF as its VMM sees it.</summary>
    public IEndpoint? Endpoint(int? vf) => vf is { } number ? _adapter.TryVf(number) : _adapter.Physical;

    /// <summary>The PF (<paramref name="vf"/> null) or an enabled VF at its socket; null when it has none.</summary>
    public ServedFunction? Served(int? vf) => vf is not { } number
        ? _servedPhysical
        : (uint)number < (uint)_servedVirtuals.Length ? _servedVirtuals[number] : null;

    /// <summary>Enables VFs and serves them.</summary>
    public void EnableVfs(int count)
    {
        _adapter.EnableAsync(count).GetAwaiter().GetResult();
        var served = new List<ServedFunction>(count);
        try
        {
            for (int first = 0; first < count; first += VfsAtOnce)
            {
                foreach ((int vf, IEndpoint endpoint) in MakeEndpoints(first, Math.Min(count, first + VfsAtOnce)))
                {
                    served.Add(Serve($"{_spec.Name}/{vf}", endpoint, $"vf{vf}", Personality.RingsOf(vf)));
                    served[vf].Owner = OwnerOf(vf);
                }
            }
        }
        catch
        {
            Disable(served);
            throw;
        }

        _servedVirtuals = [.. served];
    }

    /// <summary>Cuts all VFs off and disables them.</summary>
    public void DisableVfs()
    {
        ServedFunction[] served = _servedVirtuals;
        _servedVirtuals = [];
        Disable(served);
    }

    /// <summary>Serves the adapter whole, and nothing of it singly.</summary>
    public void GiveAway()
    {
        _leases.Remove(CurrentAdapter.Pf);
        _servedPhysical?.Disconnect("its adapter is served whole now");
        _servedPhysical?.Dispose();
        _servedPhysical = null;
        Personality.ChangeHands();
        try
        {
            // On a loop of its own: one register write of its guest enables or removes all VFs, and doorbells of other guests would wait.
            _wholeServer = _context.OpenServer(_spec.Name);
            _servedWhole = Serve(
                _context with { Server = _wholeServer }, _spec.Name, _adapter.GiveAway(InterruptsOf(_spec)), "whole", null);
        }
        catch
        {
            TakeBack();
            throw;
        }
    }

    /// <summary>Ends what <see cref="GiveAway"/> began.</summary>
    public void TakeBack()
    {
        _leases.Remove(CurrentAdapter.Whole);
        _servedWhole?.Disconnect("its functions are served singly now");
        EndWhole();
        Personality.ChangeHands();
        _adapter.TakeBackAsync().GetAwaiter().GetResult();
        _servedPhysical = ServePhysical();
    }

    /// <summary>Changes what the operator wants of a VF, enabled or not.</summary>
    public void ChangePolicy(int vf, VfSpec policy)
    {
        uint? owner = OwnerIn(policy);
        bool ownerChanged = policy.Owner != Spec.Vf(vf).Owner;
        ServedRings? before = Served(vf) is null ? null : Personality.RingsOf(vf);
        Personality.ChangeVf(vf, policy);
        if (Served(vf) is { } moved && Personality.RingsOf(vf) is var rings && rings != before)
            moved.Move(rings);
        if (ownerChanged && !_leases.ContainsKey(vf) && Served(vf) is { } served)
            served.Owner = owner;
    }

    /// <summary>Gives a lease that goes before the policy's owner; null takes it back.</summary>
    public void Lease(int? vf, uint? userId)
    {
        int key = vf ?? UndividedKey;
        if (userId is { } user)
            _leases[key] = user;
        else
            _leases.Remove(key);
        if (vf is null && _servedWhole is not null)
            _servedWhole.Owner = userId;
        else if (Served(vf) is { } served)
            served.Owner = vf is { } number ? OwnerOf(number) : userId;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ServedFunction served in _servedVirtuals)
            served.Dispose();
        _servedVirtuals = [];
        _servedPhysical?.Dispose();
        EndWhole();
        _adapter.Dispose();
        Personality.Dispose();
        RemoveSocketDirectory();
    }

    private List<(int Vf, IEndpoint Endpoint)> MakeEndpoints(int first, int end)
    {
        var made = new List<(int, IEndpoint)>(end - first);
        Personality.MakeVfs(() =>
        {
            for (int vf = first; vf < end; vf++)
                made.Add((vf, _adapter.Vf(vf)!));
        });
        return made;
    }

    private void TellGuestsVfs(int count, bool isReset)
    {
        if (count == 0)
        {
            _context.Events.Publish(EventKind.VfsDisabled, _spec.Name, isReset ? "no VFs: the adapter was reset" : "no VFs, by its guest");
            return;
        }

        _context.Events.Publish(EventKind.VfsEnabled, _spec.Name, $"{count} VFs, by its guest");
        _pace.Enabled();
    }

    /// <summary>Of the lease that is of no VF.</summary>
    private int UndividedKey => _servedWhole is null ? CurrentAdapter.Pf : CurrentAdapter.Whole;

    private uint? OwnerOf(int vf) => _leases.TryGetValue(vf, out uint leased) ? leased : OwnerIn(Spec.Vf(vf));

    private static uint? OwnerIn(VfSpec policy) => policy.Owner is { } name ? Hosting.Users.Find(name) : null;

    private static WholeInterrupts InterruptsOf(AdapterSpec spec) =>
        spec.WholeInterrupts == WholeInterruptMode.Remapped ? WholeInterrupts.Remapped : WholeInterrupts.Messages;

    private ServedFunction ServePhysical() => Serve($"{_spec.Name}/pf", _adapter.Physical, "pf", null);

    private ServedFunction Serve(string target, IEndpoint endpoint, string fileName, ServedRings? rings) =>
        Serve(_context, target, endpoint, fileName, rings);

    private ServedFunction Serve(AdapterContext context, string target, IEndpoint endpoint, string fileName, ServedRings? rings) =>
        new(context, target, endpoint, (_socketDirectory, fileName), _spec.AllowUnsealedMemory, rings);

    private void EndWhole()
    {
        _servedWhole?.Dispose();
        _servedWhole = null;
        _wholeServer?.Dispose();
        _wholeServer = null;
    }

    private void Disable(IEnumerable<ServedFunction> served)
    {
        foreach (ServedFunction one in served)
        {
            one.Disconnect("its VF was disabled");
            one.Dispose();
        }

        _adapter.DisableAsync().GetAwaiter().GetResult();
    }

    /// <summary>A directory of the operator's own, or one with other files in it, stays.</summary>
    private void RemoveSocketDirectory()
    {
        if (_spec.SocketDirectory is null && Directory.Exists(_socketDirectory)
            && !Directory.EnumerateFileSystemEntries(_socketDirectory).Any())
        {
            Directory.Delete(_socketDirectory);
        }
    }
}
