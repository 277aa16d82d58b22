namespace SoftIov.Memory;

/// <content>Where a range lies, by one map. Nothing here records a fault.</content>
public sealed partial class DmaDomain
{
    /// <summary>
    /// Host address of a range that lies in one piece of host memory, though maybe in several mappings; 0 when it does not or may not be
    /// accessed so. Records nothing: rings that are not mapped just now wait, they are not at fault.
    /// </summary>
    internal static nint ContiguousAddress(DmaMap map, ulong iova, ulong length, DmaAccess access)
    {
        int index = map.Find(iova);
        if (index < 0 || iova + (length - 1) < iova)
        {
            return 0;
        }

        nint address = map[index].AddressOf(iova);
        for (ulong last = iova + (length - 1); ; )
        {
            DmaRegion region = map[index];
            if ((region.Access & access) != access || region.IsMessageOnly || region.AddressOf(iova) != address)
            {
                return 0;
            }

            if (last <= region.Last)
            {
                return address;
            }

            index = map.Next(index);
            if (index < 0 || map[index].First != region.Last + 1)
            {
                return 0;
            }
        }
    }

    /// <summary>Whether every byte of the range may be accessed so, in memory or by messages; records nothing.</summary>
    internal static bool Covers(DmaMap map, ulong iova, ulong length, DmaAccess access)
    {
        ulong last = iova + (length - 1);
        for (int index = map.Find(iova); index >= 0 && last >= iova; )
        {
            DmaRegion region = map[index];
            if ((region.Access & access) != access)
            {
                return false;
            }

            if (last <= region.Last)
            {
                return true;
            }

            index = map.Next(index);
            if (index < 0 || map[index].First != region.Last + 1)
            {
                return false;
            }
        }

        return false;
    }
}
