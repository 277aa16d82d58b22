namespace SoftIov.Daemon.Planning;

/// <summary>One change of one adapter. A value: the planner makes it, the executor has it done, a dry run prints it.</summary>
/// <param name="Adapter">Name of the adapter.</param>
internal abstract record Step(string Adapter)
{
    /// <summary>What is changed, for reports.</summary>
    public virtual string Target => Adapter;

    /// <summary>What is done, for people.</summary>
    public abstract string Action { get; }
}
