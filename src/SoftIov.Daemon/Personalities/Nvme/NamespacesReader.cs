using System.Collections.Immutable;
using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Personalities;

/// <summary>The list <c>namespaces</c> of an nvme adapter, and a backing that is written as a mapping.</summary>
internal sealed class NamespacesReader(ConfigValues values)
{
    private const string IdKey = "id";

    private static readonly BackingSpec Unreadable = new(NvmeBackingKind.Null, Size: long.MaxValue / 2);

    /// <summary>Reads the list.</summary>
    public ImmutableSortedDictionary<int, NamespaceSpec> Read(ConfigNode node, string path)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<int, NamespaceSpec>();
        foreach (ConfigNode item in values.Items(node, NvmeRules.NamespacesKey))
        {
            IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> entries = values.Entries(item, "a namespace");
            if (IdOf(entries) is not { } id)
            {
                values.Errors.AddAt(item.Line, item.Column, "a namespace without an id", "add 'id: 1': its NSID, a number from 1");
                continue;
            }

            if (all.ContainsKey(id))
            {
                values.Errors.AddAt(item.Line, item.Column, $"two namespaces have the id {id}", "give each its own");
                continue;
            }

            string place = $"{path}.{id}";
            values.Errors.Mark(place, item);
            all.Add(id, ReadOne(entries, place));
        }

        return all.ToImmutable();
    }

    /// <summary>Reads <c>backing: file:PATH:SIZE</c> or <c>backing: {file: PATH, size: SIZE}</c>; what is wrong is reported here alone.</summary>
    public BackingSpec ReadBacking(ConfigScalar key, ConfigNode value)
    {
        if (value is ConfigMapping mapping)
            return ReadMapping(mapping);
        return values.Text(value, key.Text) is { } text
            ? NvmeAdapterSettings.ParseBacking(text) ?? values.BadValue(Unreadable, key, value, text, NvmeAdapterSettings.ExpectedBacking)
            : Unreadable;
    }

    private static int? IdOf(IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> entries)
    {
        foreach ((ConfigScalar key, ConfigNode value) in entries)
        {
            if (key.Text == IdKey && value is ConfigScalar { Text: var text })
                return SettingText.Number(text);
        }

        return null;
    }

    private BackingSpec ReadMapping(ConfigMapping node)
    {
        BackingSpec? backing = null;
        long? size = null;
        foreach ((ConfigScalar key, ConfigNode value) in node.Entries)
        {
            string? text = values.Text(value, key.Text);
            switch (key.Text)
            {
                case "size" when text is not null:
                    size = ByteSize.Parse(text) ?? values.BadValue<long?>(null, key, value, text, ByteSize.Expected);
                    break;
                case "memory" or "null" when text is not null:
                    backing = NvmeAdapterSettings.ParseBacking($"{key.Text}:{text}")
                        ?? values.BadValue(Unreadable, key, value, text, ByteSize.Expected);
                    break;
                case "file" when text is not null:
                    backing = new BackingSpec(NvmeBackingKind.File, text);
                    break;
                case "block" when text is not null:
                    backing = new BackingSpec(NvmeBackingKind.Block, text);
                    break;
                default:
                    if (text is not null)
                        values.Unknown(key, ["file", "block", "memory", "null", "size"]);
                    return Unreadable;
            }
        }

        if (backing is null)
            values.Errors.AddAt(node.Line, node.Column, "this is no backing", "memory: SIZE, file: PATH with or without size: SIZE, or block: PATH");
        return backing is null ? Unreadable : size is null ? backing : backing with { Size = size };
    }

    private NamespaceSpec ReadOne(IReadOnlyList<(ConfigScalar Key, ConfigNode Value)> entries, string path)
    {
        var one = new NamespaceSpec(null);
        foreach ((ConfigScalar key, ConfigNode value) in entries)
        {
            values.Errors.Mark($"{path}.{key.Text}", value);
            if (key.Text != IdKey)
                one = values.Apply(NamespaceSettings.All, one, key, value, further: IdKey);
        }

        return one;
    }
}
