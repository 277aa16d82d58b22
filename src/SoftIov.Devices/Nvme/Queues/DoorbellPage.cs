using System.Runtime.CompilerServices;

namespace SoftIov.Devices.Nvme;

/// <summary>The doorbell registers as last written, one page: submission tail and completion head of each queue by turns.</summary>
[InlineArray(4096 / sizeof(uint))]
internal struct DoorbellPage
{
    private uint _first;
}
