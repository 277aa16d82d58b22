using System.Text.Json;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Hosting;

/// <summary>
/// The leases that attach gave, on disk: a VM outlives the daemon, and finds its function again as it was given. They are no part of desired
/// state, which the operator writes and a file replaces. Not safe for use by several threads.
/// </summary>
internal sealed class Leases
{
    private const string FileName = "leases.json";

    private readonly string _path;
    private SortedDictionary<string, Lease> _leases = new(StringComparer.Ordinal);

    /// <summary>
    /// Loads what was saved in <paramref name="directory"/>, which is made when it is not there. Throws when the file is damaged.
    /// </summary>
    public Leases(string directory)
    {
        DurableFile.MakeDirectory(directory);
        _path = Path.Combine(directory, FileName);
        if (!File.Exists(_path))
        {
            return;
        }

        try
        {
            foreach (Lease? lease in JsonSerializer.Deserialize(File.ReadAllBytes(_path), LeaseJson.Default.LeaseArray) ?? [])
            {
                TargetName target = TargetName.Parse(lease?.Target ?? throw new JsonException("null is no lease"));
                _leases[target.ToString()] = lease;
            }
        }
        catch (Exception error) when (error is JsonException or ControlException)
        {
            throw ControlException.Because(
                ControlErrorCode.InvalidConfiguration, $"{_path} is damaged: {error.Message}", "remove the file, and attach again what has an owner");
        }
    }

    /// <summary>All of them, by target.</summary>
    public IReadOnlyCollection<Lease> All => _leases.Values;

    /// <summary>
    /// Gives a lease; null leaves <paramref name="owner"/> or <paramref name="transport"/> as an earlier one has it. Saved on return.
    /// </summary>
    public void Give(TargetName target, uint? owner, string? transport)
    {
        string name = target.ToString();
        Lease former = _leases.GetValueOrDefault(name, new Lease(name));
        Replace(_leases.Values.Where(l => l.Target != name).Append(new(name, owner ?? former.Owner, transport ?? former.Transport)));
    }

    /// <summary>Ends a lease, if there is one. Saved on return.</summary>
    public void End(TargetName target)
    {
        string name = target.ToString();
        Replace(_leases.Values.Where(l => l.Target != name));
    }

    /// <summary>
    /// Ends what the operator no longer wants: leases of adapters that are gone or served the other way, and transports that were chosen anew.
    /// </summary>
    public void Follow(DesiredState wanted) => Replace(_leases.Values.SelectMany(l => Kept(l, wanted)));

    /// <summary>
    /// What a file wants, with what attach gave on top: an adapter that one VM has whole, and transports of VFs. A file that speaks of the
    /// same, with enabled VFs or with another transport than vfio-user, is followed; so is one that both together contradict.
    /// </summary>
    public DesiredState Over(DesiredState wanted) =>
        new([.. wanted.Adapters.Select(adapter => Over(adapter) is var both && IsValid(both) ? both : adapter)]);

    private static bool IsValid(AdapterSpec adapter)
    {
        var errors = new ConfigErrors(null);
        DesiredStateValidator.Check(new DesiredState([adapter]), errors);
        return errors.IsEmpty;
    }

    private AdapterSpec Over(AdapterSpec adapter)
    {
        foreach (Lease lease in _leases.Values)
        {
            TargetName target = TargetName.Parse(lease.Target);
            if (target.Adapter == adapter.Name)
            {
                adapter = Over(adapter, target, lease);
            }
        }

        return adapter;
    }

    private static AdapterSpec Over(AdapterSpec adapter, TargetName target, Lease lease)
    {
        if (target.Part == TargetPart.Adapter && adapter.NumVfs == 0)
        {
            return adapter with { Whole = true };
        }

        return target.Part == TargetPart.Vf && target.Vf < adapter.NumVfs && lease.Transport == TransportName.VhostUser
            && adapter.Vf(target.Vf) is NetVfSpec { Transport: VfTransport.VfioUser } vf
            ? adapter.WithVf(target.Vf, vf with { Transport = VfTransport.VhostUser })
            : adapter;
    }

    private static IEnumerable<Lease> Kept(Lease lease, DesiredState wanted)
    {
        TargetName target = TargetName.Parse(lease.Target);
        if (wanted.Adapters.FirstOrDefault(a => a.Name == target.Adapter) is not { } adapter
            || adapter.Whole != (target.Part == TargetPart.Adapter))
        {
            yield break;
        }

        bool isServedSo = target.Part == TargetPart.Vf && lease.Transport == TransportOf(adapter.Vf(target.Vf));
        yield return isServedSo ? lease : lease with { Transport = null };
    }

    private static string TransportOf(VfSpec vf) =>
        vf is NetVfSpec { Transport: VfTransport.VhostUser } ? TransportName.VhostUser : TransportName.VfioUser;

    /// <summary>Saves first: what cannot be kept is not given.</summary>
    private void Replace(IEnumerable<Lease> leases)
    {
        var fresh = new SortedDictionary<string, Lease>(leases.ToDictionary(l => l.Target), StringComparer.Ordinal);
        if (fresh.Values.SequenceEqual(_leases.Values))
        {
            return;
        }

        DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes([.. fresh.Values], LeaseJson.Default.LeaseArray));
        _leases = fresh;
    }
}
