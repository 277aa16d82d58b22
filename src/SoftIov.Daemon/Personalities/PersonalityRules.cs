using SoftIov.Api;
using SoftIov.Daemon.Configuration;
using SoftIov.Daemon.Planning;

namespace SoftIov.Daemon.Personalities;

/// <summary>
/// All that configuration and planning have to know of one personality: its keys, what is wrong with their values, and what can be changed
/// while it lives. Pure; the devices are made in <c>Composition/</c>.
/// </summary>
internal abstract class PersonalityRules
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<PersonalityRules> All { get; } = [new NetRules(), new NvmeRules()];

    /// <summary>An adapter without name, with the values that nobody has to say.</summary>
    public abstract AdapterSpec UsualAdapter { get; }

    /// <summary>A VF that nobody spoke about.</summary>
    public abstract VfSpec UsualVf { get; }

    /// <summary>Keys of an adapter that hold one value, in the order they are shown.</summary>
    public abstract IReadOnlyList<Setting<AdapterSpec>> AdapterSettings { get; }

    /// <summary>Keys of a VF, in the order they are shown.</summary>
    public abstract IReadOnlyList<Setting<VfSpec>> VfSettings { get; }

    /// <summary>Keys of an adapter that hold more than one value.</summary>
    public virtual IReadOnlyList<string> FurtherKeys => [];

    /// <summary>Its word in configurations.</summary>
    public string Word => CommonSettings.Personalities.Show(UsualAdapter.Personality);

    /// <summary>Rules of one personality.</summary>
    public static PersonalityRules Of(Personality personality) => All.First(r => r.UsualAdapter.Personality == personality);

    /// <summary>Rules of an adapter's personality.</summary>
    public static PersonalityRules Of(AdapterSpec adapter) => Of(adapter.Personality);

    /// <summary>What differs, as <c>vlan=100 trust=on</c>.</summary>
    public string Difference(VfSpec from, VfSpec to) =>
        string.Join(' ', VfSettings.Where(s => s.Show(from) != s.Show(to)).Select(s => $"{s.Key}={s.Show(to)}"));

    /// <summary>Why a key is not for this personality but for another, and what to do; null when nobody has it.</summary>
    public (string Message, string Fix)? ForeignKey<TSpec>(string key)
        where TSpec : class
    {
        foreach (PersonalityRules other in All.Where(r => r != this && r.Has<TSpec>(key)))
        {
            string of = typeof(TSpec) == typeof(VfSpec) ? $"VFs of {other.Word} adapters" : $"{other.Word} adapters";
            return ($"'{key}' is a key of {of}, and this adapter's personality is {Word}", $"leave it out, or write 'personality: {other.Word}'");
        }

        return null;
    }

    /// <summary>Reads a key whose value is more than one word; null when it is none of these.</summary>
    public virtual AdapterSpec? Read(ConfigValues values, AdapterSpec adapter, ConfigScalar key, ConfigNode value, string path) => null;

    /// <summary>Adds all that is wrong with what only this personality has.</summary>
    public abstract void Check(AdapterSpec adapter, string path, Claims claims, ConfigErrors errors);

    /// <summary>How a step that makes such an adapter ends.</summary>
    public abstract string Summary(AdapterSpec adapter);

    /// <summary><paramref name="was"/> with the values of <paramref name="to"/> of all that can change while the adapter lives.</summary>
    public abstract AdapterSpec WithLive(AdapterSpec was, AdapterSpec to);

    /// <summary>Steps for what differs and only this personality has, and what is lost by them.</summary>
    public abstract void Plan(CurrentAdapter was, AdapterSpec to, PlanBuilder plan);

    /// <summary>The same for what differs and has to be done before an adapter is removed and made anew.</summary>
    public virtual void PlanBefore(AdapterSpec was, AdapterSpec to, PlanBuilder plan)
    {
    }

    /// <summary>What is shown of an adapter that is wanted and not there.</summary>
    public abstract AdapterStatus Missing(AdapterSpec adapter, string problem);

    private bool Has<TSpec>(string key) =>
        typeof(TSpec) == typeof(VfSpec)
            ? VfSettings.Any(s => s.Key == key)
            : AdapterSettings.Any(s => s.Key == key) || FurtherKeys.Contains(key);
}
