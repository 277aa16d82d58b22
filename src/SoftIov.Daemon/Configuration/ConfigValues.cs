using SoftIov.Api;
using SoftIov.Daemon.Personalities;

namespace SoftIov.Daemon.Configuration;

/// <summary>Takes values out of the pieces of a configuration file; what is none is reported with its place and a fix.</summary>
internal sealed class ConfigValues(ConfigErrors errors)
{
    /// <summary>Everything that is wrong.</summary>
    public ConfigErrors Errors => errors;

    /// <summary>The specification with one key set; as it was when something is wrong.</summary>
    /// <param name="settings">The keys there are.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="rules">Whose keys they are; null when they are nobody's in particular.</param>
    /// <param name="further">Keys that are read elsewhere, for the error.</param>
    public TSpec Apply<TSpec>(
        IReadOnlyList<Setting<TSpec>> settings, TSpec spec, ConfigScalar key, ConfigNode value, PersonalityRules? rules = null,
        params IEnumerable<string> further)
        where TSpec : class
    {
        Setting<TSpec>? setting = settings.FirstOrDefault(s => s.Key == key.Text);
        if (setting is null)
        {
            if (rules?.ForeignKey<TSpec>(key.Text) is var (message, fix))
                errors.AddAt(key.Line, key.Column, message, fix);
            else
                Unknown(key, [.. settings.Select(s => s.Key), .. further]);
            return spec;
        }

        string? text = value is ConfigSequence list ? string.Join(',', list.Items.Select(i => Text(i, key.Text))) : Text(value, key.Text);
        return text is null ? spec : setting.Apply(spec, text) ?? BadValue(spec, key, value, text, setting.Expected);
    }

    /// <summary>The text is no value of the key; returns <paramref name="unchanged"/>.</summary>
    public TSpec BadValue<TSpec>(TSpec unchanged, ConfigScalar key, ConfigNode value, string text, string expected)
    {
        errors.AddAt(value.Line, value.Column, $"'{text}' is no value of {key.Text}", $"expected: {expected}");
        return unchanged;
    }

    /// <summary>There is no such key here.</summary>
    public void Unknown(ConfigScalar key, IEnumerable<string> known) =>
        errors.AddAt(key.Line, key.Column, $"unknown key '{key.Text}'", Spelling.Suggest(key.Text, known));

    /// <summary>The text of a value; null when there is none or more than one.</summary>
    public string? Text(ConfigNode node, string key)
    {
        if (node is ConfigScalar { IsEmpty: false } scalar)
        {
            return scalar.Text;
        }

        string message = node is ConfigScalar ? $"{key} has no value" : $"{key} takes one value";
        errors.AddAt(node.Line, node.Column, message, $"write '{key}: VALUE', or leave the key out");
        return null;
    }

    /// <summary>Keys and values; none when it is no mapping.</summary>
    public IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> Entries(ConfigNode node, string what)
    {
        switch (node)
        {
            case ConfigMapping mapping:
                return mapping.Entries;
            case ConfigScalar { IsEmpty: true }:
                return [];
            default:
                errors.AddAt(node.Line, node.Column, $"{what} must be keys with values", "write 'key: value' lines, indented alike");
                return [];
        }
    }

    /// <summary>Items; none when it is no list.</summary>
    public IReadOnlyList<ConfigNode> Items(ConfigNode node, string what)
    {
        switch (node)
        {
            case ConfigSequence sequence:
                return sequence.Items;
            case ConfigScalar { IsEmpty: true }:
                return [];
            default:
                errors.AddAt(node.Line, node.Column, $"{what} must be a list", "begin each item with '- '");
                return [];
        }
    }
}
