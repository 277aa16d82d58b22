namespace SoftIov.Lab.TestBed;

/// <summary>What a guest boots from.</summary>
/// <param name="Kernel">Path of the kernel's image.</param>
/// <param name="Initramfs">Path of the root file system.</param>
/// <param name="Release">What <c>uname -r</c> says in it.</param>
internal sealed record GuestBoot(string Kernel, string Initramfs, string Release);
