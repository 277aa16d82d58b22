using SoftIov.Api;

namespace SoftIov.Daemon.Configuration;

/// <summary>What a command speaks about: <c>net0</c>, <c>net0/pf</c>, <c>net0/3</c> or <c>net0/uplink</c>.</summary>
/// <param name="Adapter">Name of the adapter.</param>
/// <param name="Part">The adapter whole, its PF, its uplink or a VF.</param>
/// <param name="Vf">VF number with <see cref="TargetPart.Vf"/>.</param>
internal readonly record struct TargetName(string Adapter, TargetPart Part, int Vf = 0)
{
    /// <summary>Parses; throws <see cref="ControlErrorCode.InvalidParameters"/> when the text is no target.</summary>
    public static TargetName Parse(string text)
    {
        string[] parts = text.Split('/');
        return parts switch
        {
            [{ Length: > 0 } adapter] => new TargetName(adapter, TargetPart.Adapter),
            [{ Length: > 0 } adapter, "pf"] => new TargetName(adapter, TargetPart.Pf),
            [{ Length: > 0 } adapter, "uplink"] => new TargetName(adapter, TargetPart.Uplink),
            [{ Length: > 0 } adapter, var vf] when SettingText.Number(vf) is >= 0 and var number =>
                new TargetName(adapter, TargetPart.Vf, number),
            _ => throw ControlException.Because(
                ControlErrorCode.InvalidParameters, $"'{text}' is no target", "an adapter (net0), its PF (net0/pf) or a VF (net0/3)"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Part switch
    {
        TargetPart.Pf => $"{Adapter}/pf",
        TargetPart.Uplink => $"{Adapter}/uplink",
        TargetPart.Vf => $"{Adapter}/{Vf}",
        _ => Adapter,
    };
}
