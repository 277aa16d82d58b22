using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Configuration;

/// <summary>
/// Reads a configuration file (docs/guide/configuration.md) into desired state. Everything that is wrong is reported at once, with its
/// place and a fix: spelling, types, ranges, duplicates, contradictions.
/// </summary>
internal sealed class ConfigurationReader
{
    private readonly ConfigErrors _errors;
    private readonly ConfigValues _values;

    private ConfigurationReader(ConfigErrors errors)
    {
        _errors = errors;
        _values = new ConfigValues(errors);
    }

    /// <summary>Desired state; throws a <see cref="ControlException"/> with all errors.</summary>
    /// <param name="text">Content of the file.</param>
    /// <param name="file">How errors name it.</param>
    public static DesiredState Read(string text, string? file)
    {
        var errors = new ConfigErrors(file);
        DesiredState state = new ConfigurationReader(errors).ReadRoot(ConfigNodeReader.Read(text, errors));
        DesiredStateValidator.Check(state, errors);
        return errors.IsEmpty ? state : throw errors.ToException();
    }

    private DesiredState ReadRoot(ConfigNode? root)
    {
        var adapters = new List<AdapterSpec>();
        if (root is null or ConfigScalar { IsEmpty: true })
        {
            return DesiredState.Empty;
        }

        foreach ((ConfigScalar key, ConfigNode value) in _values.Entries(root, "the file"))
        {
            if (key.Text != "adapters")
            {
                _values.Unknown(key, ["adapters"]);
                continue;
            }

            foreach (ConfigNode item in _values.Items(value, "adapters"))
            {
                adapters.Add(ReadAdapter(item, $"adapters[{adapters.Count}]"));
            }
        }

        return new DesiredState(adapters);
    }

    private AdapterSpec ReadAdapter(ConfigNode node, string path)
    {
        _errors.Mark(path, node);
        IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> entries = _values.Entries(node, "an adapter");
        PersonalityRules rules = RulesOf(entries);
        AdapterSpec adapter = rules.UsualAdapter;
        bool named = false;
        foreach ((ConfigScalar key, ConfigNode value) in entries)
        {
            string place = $"{path}.{key.Text}";
            _errors.Mark(place, value);
            switch (key.Text)
            {
                case "name":
                    adapter = adapter with { Name = _values.Text(value, key.Text) ?? "" };
                    named = true;
                    break;
                case "vfs":
                    adapter = ReadVfs(adapter, rules, value, place);
                    break;
                case CommonSettings.PersonalityKey:
                    break;
                default:
                    adapter = rules.Read(_values, adapter, key, value, place)
                        ?? _values.Apply(rules.AdapterSettings, adapter, key, value, rules, "name", "vfs");
                    break;
            }
        }

        if (!named)
        {
            _errors.Add(path, "an adapter without a name", "add 'name: net0'");
        }

        return adapter;
    }

    /// <summary>Which keys there are depends on the personality, wherever it stands; without it an adapter is net.</summary>
    private PersonalityRules RulesOf(IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> entries)
    {
        PersonalityRules usual = PersonalityRules.Of(Personality.Net);
        foreach ((ConfigScalar key, ConfigNode value) in entries)
        {
            if (key.Text == CommonSettings.PersonalityKey && _values.Text(value, key.Text) is { } word)
            {
                return CommonSettings.Personalities.Parse(word) is { } personality
                    ? PersonalityRules.Of(personality)
                    : _values.BadValue(usual, key, value, word, CommonSettings.Personalities.Expected);
            }
        }

        return usual;
    }

    private AdapterSpec ReadVfs(AdapterSpec adapter, PersonalityRules rules, ConfigNode node, string path)
    {
        var seen = new HashSet<int>();
        foreach ((ConfigScalar key, ConfigNode value) in _values.Entries(node, "vfs"))
        {
            if (SettingText.Number(key.Text) is not { } vf || !seen.Add(vf))
            {
                _errors.AddAt(key.Line, key.Column, $"'{key.Text}' is no VF number of its own", "VFs are numbered from 0, each once");
                continue;
            }

            string place = $"{path}.{vf}";
            _errors.Mark(place, key);
            adapter = adapter.WithVf(vf, ReadVf(rules, value, place));
        }

        return adapter;
    }

    private VfSpec ReadVf(PersonalityRules rules, ConfigNode node, string path)
    {
        VfSpec vf = rules.UsualVf;
        foreach ((ConfigScalar key, ConfigNode value) in _values.Entries(node, "a VF"))
        {
            _errors.Mark($"{path}.{key.Text}", value);
            vf = _values.Apply(rules.VfSettings, vf, key, value, rules);
        }

        return vf;
    }
}
