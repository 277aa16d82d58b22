using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Planning;

/// <summary>The way from what is to what is wanted (decision D10): pure, complete and in order.</summary>
/// <param name="Steps">What to do, in order.</param>
/// <param name="Losses">Functions that a client has and that the steps take from it: only done with force.</param>
/// <param name="Erased">Data that are lost: only done with force too.</param>
internal sealed record Plan(ImmutableArray<Step> Steps, ImmutableArray<string> Losses, ImmutableArray<string> Erased)
{
    /// <summary>
    /// Plans. Adapters go before others come, since they may share an uplink. What only power-on defines (TotalVFs, queue pairs, MTU and
    /// the
    /// like) makes an adapter anew. VFs go from N to M by way of 0: NumVFs may not be written while VF Enable is set (PCIe 6.0, 9.3.3.7).
    /// </summary>
    public static Plan Between(IReadOnlyList<CurrentAdapter> current, DesiredState desired)
    {
        var plan = new PlanBuilder();
        var kept = new List<(CurrentAdapter From, AdapterSpec To)>();
        var added = desired.Adapters.ToDictionary(a => a.Name);
        foreach (CurrentAdapter was in current)
        {
            AdapterSpec? to = added.GetValueOrDefault(was.Spec.Name);
            if (to is not null && !NeedsNewAdapter(was.Spec, to))
            {
                kept.Add((was, to));
                added.Remove(to.Name);
            }
            else
            {
                Remove(was, to, plan);
            }
        }

        foreach ((CurrentAdapter was, AdapterSpec to) in kept)
        {
            Change(was, to, plan);
        }

        foreach (AdapterSpec spec in desired.Adapters.Where(a => added.ContainsKey(a.Name)))
        {
            Add(spec, plan);
        }

        return plan.ToPlan();
    }

    private static bool NeedsNewAdapter(AdapterSpec was, AdapterSpec to) =>
        was.Personality != to.Personality
        || PersonalityRules.Of(was).WithLive(was, to) with { NumVfs = to.NumVfs, Whole = to.Whole } != to;

    private static void Add(AdapterSpec spec, PlanBuilder plan)
    {
        plan.Add(new AddAdapter(spec with { NumVfs = 0, Whole = false }));
        if (spec.Whole)
        {
            plan.Add(new GiveAway(spec.Name));
        }

        if (spec.NumVfs > 0)
        {
            plan.Add(new EnableVfs(spec.Name, spec.NumVfs));
        }
    }

    private static void Remove(CurrentAdapter was, AdapterSpec? anew, PlanBuilder plan)
    {
        if (was.Spec.NumVfs > 0)
        {
            Disable(was, plan);
        }

        if (anew is not null && anew.Personality == was.Spec.Personality)
        {
            PersonalityRules.Of(was.Spec).PlanBefore(was.Spec, anew, plan);
        }

        LoseUndivided(was, plan);
        plan.Add(new RemoveAdapter(was.Spec.Name));
    }

    /// <summary>What a client of the PF or of the adapter whole loses.</summary>
    private static void LoseUndivided(CurrentAdapter was, PlanBuilder plan)
    {
        if (was.Attached.Contains(CurrentAdapter.Pf))
        {
            plan.Lose($"{was.Spec.Name}/pf");
        }

        if (was.Attached.Contains(CurrentAdapter.Whole))
        {
            plan.Lose(was.Spec.Name);
        }
    }

    /// <summary>A lease is of the adapter whole or of its functions, and ends when the adapter is served the other way.</summary>
    private static void LoseLease(CurrentAdapter was, PlanBuilder plan)
    {
        if (was.IsUndividedLeased && !was.Attached.Contains(was.Spec.Whole ? CurrentAdapter.Whole : CurrentAdapter.Pf))
        {
            plan.Lose(was.Spec.Whole ? was.Spec.Name : $"{was.Spec.Name}/pf");
        }
    }

    private static void Change(CurrentAdapter was, AdapterSpec to, PlanBuilder plan)
    {
        int enabled = was.Spec.NumVfs;
        bool anew = to.NumVfs != enabled || Enumerable.Range(0, enabled).Any(vf => was.Spec.Vf(vf).Interrupts != to.Vf(vf).Interrupts);
        if (anew && enabled > 0)
        {
            Disable(was, plan);
        }

        if (was.Spec.Whole != to.Whole)
        {
            LoseUndivided(was, plan);
            LoseLease(was, plan);
            plan.Add(to.Whole ? new GiveAway(to.Name) : new TakeBack(to.Name));
        }

        PersonalityRules.Of(to).Plan(was, to, plan);
        foreach (int vf in was.Spec.NamedVfs.Union(to.NamedVfs).Order())
        {
            if (was.Spec.Vf(vf) != to.Vf(vf))
            {
                plan.Add(new ChangePolicy(to.Name, to.Personality, vf, was.Spec.Vf(vf), to.Vf(vf)));
            }
        }

        if (anew && to.NumVfs > 0)
        {
            plan.Add(new EnableVfs(to.Name, to.NumVfs));
        }
    }

    private static void Disable(CurrentAdapter was, PlanBuilder plan)
    {
        plan.Add(new DisableVfs(was.Spec.Name, was.Spec.NumVfs));
        foreach (int vf in was.Attached.Where(vf => vf >= 0).Order())
        {
            plan.Lose($"{was.Spec.Name}/{vf}");
        }
    }
}
