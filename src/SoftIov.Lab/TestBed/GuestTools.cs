namespace SoftIov.Lab.TestBed;

/// <summary>Which programs guests have: images with more are larger and boot slower.</summary>
public enum GuestTools
{
    /// <summary>busybox, and those for networks and PCI.</summary>
    Network,

    /// <summary>As <see cref="Network"/>, and those for disks: nvme, fio, ext4's, blkdiscard, lsblk. 512 MiB of memory are needed.</summary>
    Storage,
}
