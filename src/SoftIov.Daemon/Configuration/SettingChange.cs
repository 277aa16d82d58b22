using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Configuration;

/// <summary><c>softiov set</c>: desired state with some keys of one adapter or VF changed, checked as a whole.</summary>
internal static class SettingChange
{
    /// <summary>The changed state; throws a <see cref="ControlException"/> with all errors, and then nothing has changed.</summary>
    public static DesiredState Apply(DesiredState state, TargetName target, IReadOnlyDictionary<string, string> values)
    {
        var errors = new ConfigErrors(null);
        AdapterSpec adapter = state.Adapters.FirstOrDefault(a => a.Name == target.Adapter) ?? throw Missing(state, target);
        PersonalityRules rules = PersonalityRules.Of(adapter);
        AdapterSpec changed = target.Part switch
        {
            TargetPart.Adapter => Change(rules.AdapterSettings, rules, adapter, values, errors),
            TargetPart.Vf => adapter.WithVf(target.Vf, Change(rules.VfSettings, rules, adapter.Vf(target.Vf), values, errors)),
            _ => throw ControlException.Because(
                ControlErrorCode.InvalidParameters, $"{target} has no settings of its own", $"set them on {target.Adapter} or on a VF"),
        };
        var wanted = new DesiredState([.. state.Adapters.Select(a => ReferenceEquals(a, adapter) ? changed : a)]);
        DesiredStateValidator.Check(wanted, errors);
        return errors.IsEmpty ? wanted : throw errors.ToException();
    }

    private static TSpec Change<TSpec>(
        IReadOnlyList<Setting<TSpec>> settings, PersonalityRules rules, TSpec spec, IReadOnlyDictionary<string, string> values, ConfigErrors errors)
        where TSpec : class
    {
        foreach ((string key, string value) in values)
        {
            if (settings.FirstOrDefault(s => s.Key == key) is not { } setting)
            {
                (string message, string fix) = rules.ForeignKey<TSpec>(key)
                    ?? ($"unknown key '{key}'", Spelling.Suggest(key, settings.Select(s => s.Key)));
                errors.Add(key, message, fix);
            }
            else if (setting.Apply(spec, value) is { } changed)
            {
                spec = changed;
            }
            else
            {
                errors.Add(key, $"'{value}' is no value of {key}", $"expected: {setting.Expected}");
            }
        }

        return spec;
    }

    private static ControlException Missing(DesiredState state, TargetName target) => ControlException.Because(
        ControlErrorCode.NotFound,
        $"there is no adapter '{target.Adapter}'",
        state.Adapters.Count == 0 ? "apply a configuration first" : Spelling.Suggest(target.Adapter, state.Adapters.Select(a => a.Name)));
}
