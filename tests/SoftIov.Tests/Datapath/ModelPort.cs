using SoftIov.Datapath;

namespace SoftIov.Tests.Datapath;

/// <summary>A port of the <see cref="SwitchModel"/>.</summary>
internal sealed record ModelPort(bool IsUplink, VfPolicy Policy, ReceiveFilter Filter, MacAddress Mac)
{
    public bool LinkUp => Policy.LinkState != LinkState.Disable;
}
