using System.Globalization;

namespace SoftIov.Linux;

/// <summary>Shape of block devices (linux/fs.h).</summary>
public static unsafe class BlockDevice
{
    private const nuint BLKSSZGET = 0x1268;
    private const nuint BLKGETSIZE64 = 0x8008_1272;

    /// <summary>Bytes of an open block device.</summary>
    public static long LengthOf(FileDescriptor device)
    {
        ulong bytes;
        LinuxException.Check(Libc.Ioctl(device.Number, BLKGETSIZE64, (nint)(&bytes)), "ioctl(BLKGETSIZE64)", device.ToString());
        return (long)bytes;
    }

    /// <summary>Bytes of an open block device's logical block: the smallest it reads and writes.</summary>
    public static int BlockBytesOf(FileDescriptor device)
    {
        int bytes;
        LinuxException.Check(Libc.Ioctl(device.Number, BLKSSZGET, (nint)(&bytes)), "ioctl(BLKSSZGET)", device.ToString());
        return bytes;
    }

    /// <summary>As the other one, by the device's number; null when it is no block device's. A partition has the blocks of its disk.</summary>
    internal static int? BlockBytesOf(uint major, uint minor)
    {
        const string Devices = "/sys/dev/block";
        if (new DirectoryInfo($"{Devices}/{major}:{minor}").LinkTarget is not { } target)
            return null;
        string device = Path.GetFullPath(target, Devices);
        foreach (string place in (string[])[device, Path.GetDirectoryName(device)!])
        {
            string blocks = $"{place}/queue/logical_block_size";
            if (File.Exists(blocks))
                return int.Parse(File.ReadAllText(blocks), CultureInfo.InvariantCulture);
        }

        return null;
    }
}
