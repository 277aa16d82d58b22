using System.Collections.Immutable;

namespace SoftIov.Daemon.Planning;

/// <summary>A plan in the making.</summary>
internal sealed class PlanBuilder
{
    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private readonly ImmutableArray<string>.Builder _losses = ImmutableArray.CreateBuilder<string>();
    private readonly ImmutableArray<string>.Builder _erased = ImmutableArray.CreateBuilder<string>();

    /// <summary>Adds a step at the end.</summary>
    public void Add(Step step) => _steps.Add(step);

    /// <summary>A client loses a function.</summary>
    public void Lose(string function) => _losses.Add(function);

    /// <summary>Data are lost.</summary>
    public void Erase(string what) => _erased.Add(what);

    /// <summary>The plan.</summary>
    public Plan ToPlan() => new(_steps.ToImmutable(), _losses.ToImmutable(), _erased.ToImmutable());
}
