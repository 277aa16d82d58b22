namespace SoftIov.Devices.Nvme;

/// <summary>How controllers of a subsystem are numbered (CNTLID): the PF's is 1, that of VF n (from 0) is n + 2. There is no 0.</summary>
public static class ControllerId
{
    /// <summary>The primary controller, in the PF.</summary>
    public const ushort Primary = 1;

    /// <summary>Controllers of a subsystem with so many VFs are 1 to this one.</summary>
    public static ushort Last(int totalVfs) => (ushort)(totalVfs + 1);

    /// <summary>The secondary controller of a VF, counted from 0.</summary>
    public static ushort OfVf(int vf) => (ushort)(vf + 2);

    /// <summary>VF of a secondary controller, counted from 0; negative for the primary.</summary>
    public static int ToVf(ushort controller) => controller - 2;
}
