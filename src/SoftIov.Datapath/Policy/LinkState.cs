namespace SoftIov.Datapath;

/// <summary>Link of a VF as the operator set it (ip-link(8), vf N state).</summary>
public enum LinkState : byte
{
    /// <summary>Follows the uplink; up when there is none.</summary>
    Auto,

    /// <summary>Up always, so that VFs of one host can talk although the uplink is down.</summary>
    Enable,

    /// <summary>Down: the VF neither sends nor receives.</summary>
    Disable,
}
