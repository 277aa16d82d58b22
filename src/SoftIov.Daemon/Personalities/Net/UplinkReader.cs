using SoftIov.Api;
using SoftIov.Daemon.Configuration;

namespace SoftIov.Daemon.Personalities;

/// <summary>An uplink that is written as a mapping: <c>tap: {name: tap0, create: true}</c>.</summary>
internal sealed class UplinkReader(ConfigValues values)
{
    /// <summary>Reads it.</summary>
    public UplinkSpec Read(ConfigNode node, string path)
    {
        var entries = values.Entries(node, "uplink");
        if (entries.Count != 1)
        {
            values.Errors.AddAt(node.Line, node.Column, "uplink takes one kind", "none, or one of tap: and interface:");
            return UplinkSpec.None;
        }

        (ConfigScalar key, ConfigNode value) = entries[0];
        switch (key.Text)
        {
            case "interface":
                values.Errors.Mark($"{path}.name", value);
                return new UplinkSpec(UplinkKind.Interface, values.Text(value, key.Text) ?? "");
            case "tap" when value is ConfigMapping:
                return ReadTap(value, path);
            case "tap":
                values.Errors.Mark($"{path}.name", value);
                return new UplinkSpec(UplinkKind.Tap, values.Text(value, key.Text) ?? "");
            default:
                values.Unknown(key, ["tap", "interface"]);
                return UplinkSpec.None;
        }
    }

    private UplinkSpec ReadTap(ConfigNode node, string path)
    {
        var tap = new UplinkSpec(UplinkKind.Tap, "");
        foreach ((ConfigScalar key, ConfigNode value) in values.Entries(node, "tap"))
        {
            values.Errors.Mark($"{path}.{key.Text}", value);
            switch (key.Text)
            {
                case "name":
                    tap = tap with { Name = values.Text(value, key.Text) ?? "" };
                    break;
                case "create" when values.Text(value, key.Text) is { } text:
                    tap = SettingText.Switch(text) is { } on ? tap with { Create = on } : values.BadValue(tap, key, value, text, "true or false");
                    break;
                case "create":
                    break;
                default:
                    values.Unknown(key, ["name", "create"]);
                    break;
            }
        }

        return tap;
    }
}
