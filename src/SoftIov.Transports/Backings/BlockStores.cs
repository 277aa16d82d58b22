using SoftIov.Datapath;
using SoftIov.Linux;

namespace SoftIov.Transports.Backings;

/// <summary>Opens block stores. <paramref name="sleeps"/> are those the scheduler was made with, whose pollables will open lanes.</summary>
public sealed class BlockStores(IReadOnlyList<EpollSleep> sleeps)
{
    private const int MinBlockBytes = 512;
    private const int MaxBlockBytes = 4096;

    /// <summary>Opens a store, for this process alone.</summary>
    /// <exception cref="LinuxException">
    /// No such file or device, or not of this kind; in use by another program; no permission; not as long as asked: the message says which, and
    /// what to do.
    /// </exception>
    public IBlockStore Open(BackingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.LengthBytes is <= 0 or > long.MaxValue - MaxBlockBytes)
        {
            throw Refused(options, Errno.EINVAL, "its size must be 1 byte at least, and less than 8 EiB");
        }

        return options.Kind switch
        {
            BackingKind.Memory => new MemoryStore(RequiredLength(options)),
            BackingKind.Null => new NullStore(RequiredLength(options)),
            BackingKind.File => OpenFile(options),
            _ => OpenDevice(options),
        };
    }

    private static string Describe(BackingOptions options) => options.Kind switch
    {
        BackingKind.File => $"file {options.Path}",
        BackingKind.Block => $"block device {options.Path}",
        _ => options.Kind.ToString().ToLowerInvariant(),
    };

    private static LinuxException Refused(BackingOptions options, Errno error, string? advice, string call = "open") =>
        new(call, error, Describe(options), advice);

    private static long RequiredLength(BackingOptions options) => RoundUp(
        options.LengthBytes ?? throw Refused(options, Errno.EINVAL, "say how large it shall be"));

    private static long RoundUp(long length) => length + MaxBlockBytes - 1 & -MaxBlockBytes;

    private FileStore OpenFile(BackingOptions options)
    {
        FileDescriptor file = OpenOrCreate(options, out bool isNew);
        try
        {
            FileStatus status = file.Status();
            if (!status.IsRegular)
            {
                throw Refused(options, Errno.EINVAL, status.IsBlockDevice ? "it is a block device: use block:PATH" : "it is no regular file");
            }

            Lock(options, file);
            long length = RoundUp(Math.Max(status.Size, options.LengthBytes ?? 0));
            if (length == 0)
            {
                throw Refused(options, Errno.EINVAL, "it is empty: say how large it shall be");
            }

            Resize(options, file, status.Size, length, isNew);
            int alignment = DirectAccess.AlignmentOf(file);
            bool isDirect = alignment <= MaxBlockBytes && DirectAccess.TryEnable(file);
            int blockBytes = isDirect ? Math.Max(alignment, MinBlockBytes) : MinBlockBytes;
            return new FileStore(file, Describe(options), length, blockBytes, isDirect, !FileSpace.IsInMemory(file), sleeps);
        }
        catch
        {
            file.Dispose();
            if (isNew)
            {
                File.Delete(options.Path);
            }

            throw;
        }
    }

    private FileStore OpenDevice(BackingOptions options)
    {
        FileDescriptor device = Open(options, FileDescriptor.OpenExclusively);
        try
        {
            if (!device.Status().IsBlockDevice)
            {
                throw Refused(options, Errno.EINVAL, "it is no block device: use file:PATH");
            }

            Lock(options, device);
            long length = BlockDevice.LengthOf(device) & -MaxBlockBytes;
            if (length < Math.Max(options.LengthBytes ?? 0, 1))
            {
                throw Refused(options, Errno.EINVAL, $"it has {length} bytes");
            }

            int blockBytes = BlockDevice.BlockBytesOf(device);
            if (blockBytes > MaxBlockBytes)
            {
                throw Refused(options, Errno.EINVAL, $"its blocks have {blockBytes} bytes, and {MaxBlockBytes} are the most that can be served");
            }

            bool isDirect = DirectAccess.TryEnable(device);
            return new FileStore(device, Describe(options), length, blockBytes, isDirect, isPersistent: true, sleeps);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static FileDescriptor OpenOrCreate(BackingOptions options, out bool isNew)
    {
        isNew = !Path.Exists(options.Path) && options.LengthBytes is not null;
        return isNew
            ? Open(options, FileDescriptor.Create)
            : Open(options, static path => FileDescriptor.Open(path, writable: true));
    }

    private static FileDescriptor Open(BackingOptions options, Func<string, FileDescriptor> open)
    {
        try
        {
            return open(options.Path);
        }
        catch (LinuxException refused)
        {
            string? advice = refused.Errno switch
            {
                Errno.ENOENT or Errno.ENOTDIR when options.LengthBytes is not null && options.Kind == BackingKind.File =>
                    "the directory does not exist: make it first",
                Errno.ENOENT when options.Kind == BackingKind.File => "say how large it shall be to have it made",
                Errno.ENOENT or Errno.ENXIO => "lsblk shows what there is",
                Errno.EACCES or Errno.EPERM => "run as root, or as a user who may read and write it",
                Errno.EISDIR => "it is a directory: name a file in it",
                Errno.EBUSY => "it is mounted, part of another device, or open in another program (lsblk, fuser)",
                Errno.EROFS => "it can be read only",
                _ => null,
            };
            throw Refused(options, refused.Errno, advice, refused.Call);
        }
    }

    private static void Lock(BackingOptions options, FileDescriptor file)
    {
        if (!FileSpace.TryLock(file))
        {
            throw Refused(
                options, Errno.EBUSY, $"another softiovd, or a virtual machine, has it open (fuser {options.Path} shows who)", "fcntl(F_OFD_SETLK)");
        }
    }

    /// <summary>Grows a file sparsely. One that was made is there after a power cut, as soon as something in it was flushed.</summary>
    private static void Resize(BackingOptions options, FileDescriptor file, long from, long to, bool isNew)
    {
        if (to == from)
        {
            return;
        }

        if (MemoryFile.TryResize(file, to) is var error and not Errno.None)
        {
            throw Refused(options, error, error == Errno.EFBIG ? $"its file system has no files of {to} bytes" : null, "ftruncate");
        }

        if (isNew)
        {
            FileDescriptor.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
        }
    }
}
