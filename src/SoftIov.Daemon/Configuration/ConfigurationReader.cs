using System.Collections.Immutable;
using SoftIov.Api;

namespace SoftIov.Daemon.Configuration;

/// <summary>
/// Reads a configuration file (docs/guide/configuration.md) into desired state. Everything that is wrong is reported at once, with its
/// place and a fix: spelling, types, ranges, duplicates, contradictions.
/// </summary>
internal sealed class ConfigurationReader
{
    private readonly ConfigErrors _errors;

    private ConfigurationReader(ConfigErrors errors) => _errors = errors;

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

        foreach ((ConfigScalar key, ConfigNode value) in Entries(root, "the file"))
        {
            if (key.Text != "adapters")
            {
                Unknown(key, ["adapters"]);
                continue;
            }

            foreach (ConfigNode item in Items(value, "adapters"))
            {
                adapters.Add(ReadAdapter(item, $"adapters[{adapters.Count}]"));
            }
        }

        return new DesiredState(adapters);
    }

    private AdapterSpec ReadAdapter(ConfigNode node, string path)
    {
        _errors.Mark(path, node);
        var adapter = new AdapterSpec("");
        bool named = false;
        foreach ((ConfigScalar key, ConfigNode value) in Entries(node, "an adapter"))
        {
            string place = $"{path}.{key.Text}";
            _errors.Mark(place, value);
            switch (key.Text)
            {
                case "name":
                    adapter = adapter with { Name = Text(value, key.Text) ?? "" };
                    named = true;
                    break;
                case "vfs":
                    adapter = adapter with { Vfs = ReadVfs(value, place) };
                    break;
                case "uplink" when value is ConfigMapping:
                    adapter = adapter with { Uplink = ReadUplink(value, place) };
                    break;
                default:
                    adapter = Apply(AdapterSettings.All, adapter, key, value, ["name", "vfs"]);
                    break;
            }
        }

        if (!named)
        {
            _errors.Add(path, "an adapter without a name", "add 'name: net0'");
        }

        return adapter;
    }

    private UplinkSpec ReadUplink(ConfigNode node, string path)
    {
        var entries = Entries(node, "uplink");
        if (entries.Count != 1)
        {
            _errors.AddAt(node.Line, node.Column, "uplink takes one kind", "none, or one of tap: and interface:");
            return UplinkSpec.None;
        }

        (ConfigScalar key, ConfigNode value) = entries[0];
        switch (key.Text)
        {
            case "interface":
                _errors.Mark($"{path}.name", value);
                return new UplinkSpec(UplinkKind.Interface, Text(value, key.Text) ?? "");
            case "tap" when value is ConfigMapping:
                return ReadTap(value, path);
            case "tap":
                _errors.Mark($"{path}.name", value);
                return new UplinkSpec(UplinkKind.Tap, Text(value, key.Text) ?? "");
            default:
                Unknown(key, ["tap", "interface"]);
                return UplinkSpec.None;
        }
    }

    private UplinkSpec ReadTap(ConfigNode node, string path)
    {
        var tap = new UplinkSpec(UplinkKind.Tap, "");
        foreach ((ConfigScalar key, ConfigNode value) in Entries(node, "tap"))
        {
            _errors.Mark($"{path}.{key.Text}", value);
            switch (key.Text)
            {
                case "name":
                    tap = tap with { Name = Text(value, key.Text) ?? "" };
                    break;
                case "create" when Text(value, key.Text) is { } text:
                    tap = SettingText.Switch(text) is { } on ? tap with { Create = on } : BadValue(tap, key, value, text, "true or false");
                    break;
                case "create":
                    break;
                default:
                    Unknown(key, ["name", "create"]);
                    break;
            }
        }

        return tap;
    }

    private ImmutableSortedDictionary<int, VfSpec> ReadVfs(ConfigNode node, string path)
    {
        var vfs = ImmutableSortedDictionary.CreateBuilder<int, VfSpec>();
        foreach ((ConfigScalar key, ConfigNode value) in Entries(node, "vfs"))
        {
            if (SettingText.Number(key.Text) is not { } vf || vfs.ContainsKey(vf))
            {
                _errors.AddAt(key.Line, key.Column, $"'{key.Text}' is no VF number of its own", "VFs are numbered from 0, each once");
                continue;
            }

            string place = $"{path}.{vf}";
            _errors.Mark(place, key);
            vfs.Add(vf, ReadVf(value, place));
        }

        return vfs.ToImmutable();
    }

    private VfSpec ReadVf(ConfigNode node, string path)
    {
        VfSpec vf = VfSpec.Default;
        foreach ((ConfigScalar key, ConfigNode value) in Entries(node, "a VF"))
        {
            _errors.Mark($"{path}.{key.Text}", value);
            vf = Apply(VfSettings.All, vf, key, value, []);
        }

        return vf;
    }

    private TSpec Apply<TSpec>(
        IReadOnlyList<Setting<TSpec>> settings, TSpec spec, ConfigScalar key, ConfigNode value, IEnumerable<string> further)
        where TSpec : class
    {
        Setting<TSpec>? setting = settings.FirstOrDefault(s => s.Key == key.Text);
        if (setting is null)
        {
            Unknown(key, [.. settings.Select(s => s.Key), .. further]);
            return spec;
        }

        string? text = value is ConfigSequence list ? string.Join(',', list.Items.Select(i => Text(i, key.Text))) : Text(value, key.Text);
        return text is null ? spec : setting.Apply(spec, text) ?? BadValue(spec, key, value, text, setting.Expected);
    }

    private TSpec BadValue<TSpec>(TSpec unchanged, ConfigScalar key, ConfigNode value, string text, string expected)
    {
        _errors.AddAt(value.Line, value.Column, $"'{text}' is no value of {key.Text}", $"expected: {expected}");
        return unchanged;
    }

    private void Unknown(ConfigScalar key, IEnumerable<string> known) =>
        _errors.AddAt(key.Line, key.Column, $"unknown key '{key.Text}'", Spelling.Suggest(key.Text, known));

    private string? Text(ConfigNode node, string key)
    {
        if (node is ConfigScalar { IsEmpty: false } scalar)
        {
            return scalar.Text;
        }

        string message = node is ConfigScalar ? $"{key} has no value" : $"{key} takes one value";
        _errors.AddAt(node.Line, node.Column, message, $"write '{key}: VALUE', or leave the key out");
        return null;
    }

    private IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> Entries(ConfigNode node, string what)
    {
        switch (node)
        {
            case ConfigMapping mapping:
                return mapping.Entries;
            case ConfigScalar { IsEmpty: true }:
                return [];
            default:
                _errors.AddAt(node.Line, node.Column, $"{what} must be keys with values", "write 'key: value' lines, indented alike");
                return [];
        }
    }

    private IReadOnlyList<ConfigNode> Items(ConfigNode node, string what)
    {
        switch (node)
        {
            case ConfigSequence sequence:
                return sequence.Items;
            case ConfigScalar { IsEmpty: true }:
                return [];
            default:
                _errors.AddAt(node.Line, node.Column, $"{what} must be a list", "begin each item with '- '");
                return [];
        }
    }
}
