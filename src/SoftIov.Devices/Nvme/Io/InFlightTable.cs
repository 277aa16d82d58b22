using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Nvme;

/// <summary>All commands that a controller can have under way, a slot each.</summary>
[InlineArray(Count)]
internal struct InFlightTable
{
    /// <summary>Slots.</summary>
    public const int Count = 128;

    private InFlightCommand _first;
}
