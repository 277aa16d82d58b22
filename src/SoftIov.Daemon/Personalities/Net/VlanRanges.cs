using SoftIov.Daemon.Configuration;
using SoftIov.Datapath;

namespace SoftIov.Daemon.Personalities;

/// <summary>VLAN ids written as <c>10,20-29</c>; 0 stands for untagged frames.</summary>
internal static class VlanRanges
{
    /// <summary>Highest id that may be named; 4095 is reserved (IEEE 802.1Q-2022, table 9-2).</summary>
    public const int Highest = 4094;

    /// <summary>The set, or null when the text is none.</summary>
    public static VlanSet? Parse(string text)
    {
        VlanSet set = VlanSet.Empty;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2 || SettingText.Number(ends[0]) is not { } low || SettingText.Number(ends[^1]) is not { } high ||
                high > Highest || low > high)
            {
                return null;
            }

            for (int vlan = low; vlan <= high; vlan++)
            {
                set = set.With(vlan, present: true);
            }
        }

        return set;
    }
}
