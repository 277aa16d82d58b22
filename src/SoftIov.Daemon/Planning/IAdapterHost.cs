using SoftIov.Api;

namespace SoftIov.Daemon.Planning;

/// <summary>
/// What the executor has done by: the daemon's adapters, or a model of them in tests. Each call does one step whole, or throws and leaves
/// things as they were before it.
/// </summary>
internal interface IAdapterHost
{
    /// <summary>What is there now.</summary>
    IReadOnlyList<CurrentAdapter> Current { get; }

    /// <summary>Makes an adapter without VFs.</summary>
    void AddAdapter(AdapterSpec spec);

    /// <summary>Removes an adapter without VFs.</summary>
    void RemoveAdapter(string adapter);

    /// <summary>Enables VFs 0 to <paramref name="count"/> - 1 of an adapter that has none.</summary>
    void EnableVfs(string adapter, int count);

    /// <summary>Disables all VFs.</summary>
    void DisableVfs(string adapter);

    /// <summary>Serves an adapter without VFs whole.</summary>
    void GiveAway(string adapter);

    /// <summary>Serves an adapter's functions singly again.</summary>
    void TakeBack(string adapter);

    /// <summary>Changes the policy of a VF, enabled or not.</summary>
    void ChangePolicy(string adapter, int vf, VfSpec policy);

    /// <summary>Changes what only adapters of one personality have.</summary>
    void Change(AdapterChange change);
}
