namespace SoftIov.Lab.TestBed;

/// <summary>Files of a UEFI firmware for a virtual machine.</summary>
/// <param name="Code">The firmware.</param>
/// <param name="Variables">Its variables as they are at first; what a machine changes is gone with the machine.</param>
public sealed record UefiFirmware(string Code, string Variables);
