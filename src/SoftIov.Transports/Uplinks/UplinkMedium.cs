namespace SoftIov.Transports.Uplinks;

/// <summary>Kinds of uplink.</summary>
internal enum UplinkMedium
{
    /// <summary>None.</summary>
    Nothing,

    /// <summary>A tap device.</summary>
    Tap,

    /// <summary>A packet socket on an interface.</summary>
    Interface,
}
