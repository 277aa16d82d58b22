namespace SoftIov.Transports.VhostUser;

/// <summary>One region of a front-end's memory.</summary>
/// <param name="Request">Where it is, in both address spaces.</param>
/// <param name="View">The memory behind it.</param>
/// <param name="Users">How often it was added: QEMU before 8.0 adds and removes each region once for every queue pair.</param>
internal readonly record struct FrontEndRegion(RegionRequest Request, FileView View, int Users = 1)
{
    /// <summary>Whether the two have an address of the front-end's in common.</summary>
    public bool OverlapsInFrontEnd(in RegionRequest other) =>
        Request.UserAddress <= other.UserAddress + (other.Size - 1) && other.UserAddress <= Request.UserAddress + (Request.Size - 1);
}
