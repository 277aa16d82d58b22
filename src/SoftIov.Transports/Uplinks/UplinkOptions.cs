namespace SoftIov.Transports.Uplinks;

/// <summary>Which uplink to open.</summary>
public sealed record UplinkOptions
{
    private UplinkOptions(UplinkMedium medium, string name)
    {
        Medium = medium;
        Name = name;
    }

    /// <summary>No uplink.</summary>
    public static UplinkOptions None { get; } = new(UplinkMedium.Nothing, "none");

    /// <summary>Name of the interface, 1 to 15 bytes.</summary>
    public string Name { get; }

    /// <summary>For a tap: make it when it is not there. One that was made goes with the uplink.</summary>
    public bool Create { get; private init; }

    /// <summary>MTU in bytes for a tap that is made.</summary>
    public int Mtu { get; private init; } = 1500;

    internal UplinkMedium Medium { get; }

    /// <summary>
    /// A tap. One that exists is used as it is, and brought up; with <paramref name="create"/>, one that does not is made, with
    /// <paramref name="mtu"/> in bytes.
    /// </summary>
    public static UplinkOptions Tap(string name, bool create = false, int mtu = 1500) =>
        new(UplinkMedium.Tap, name) { Create = create, Mtu = mtu };

    /// <summary>An interface of the host, shared with the host by packet socket. Nothing is changed in it but that it becomes promiscuous.</summary>
    public static UplinkOptions Interface(string name) => new(UplinkMedium.Interface, name);
}
