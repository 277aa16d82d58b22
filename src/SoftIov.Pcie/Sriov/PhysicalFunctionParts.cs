namespace SoftIov.Pcie;

/// <summary>One PF of a device.</summary>
/// <param name="Name">Name of the PF; VFs are named by <paramref name="VfName"/>.</param>
/// <param name="VfName">Name of a VF by its number from 0.</param>
/// <param name="Personality">What the PF is.</param>
/// <param name="Virtuals">What its VFs are.</param>
/// <param name="TotalVfs">TotalVFs.</param>
internal sealed record PhysicalFunctionParts(
    string Name, Func<int, string> VfName, IPersonality Personality, IVirtualFunctionFactory Virtuals, int TotalVfs);
