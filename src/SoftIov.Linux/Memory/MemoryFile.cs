namespace SoftIov.Linux;

/// <summary>Memory files (memfd_create(2)): anonymous, shareable by descriptor, sealable.</summary>
public static unsafe class MemoryFile
{
    /// <summary>A zeroed file of <paramref name="size"/> bytes with <paramref name="seals"/>; the name shows in /proc.</summary>
    public static FileDescriptor Create(string name, long size, FileSeals seals = FileSeals.Shrink | FileSeals.Grow | FileSeals.Seal)
    {
        FileDescriptor file;
        fixed (byte* text = Libc.CString(name))
        {
            int result = Libc.MemfdCreate(text, Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING);
            file = new FileDescriptor(LinuxException.Check(result, "memfd_create", name));
        }

        LinuxException.Check(Libc.Ftruncate(file.Number, (nint)size), "ftruncate", name);
        if (seals != FileSeals.None)
            AddSeals(file, seals);
        return file;
    }

    /// <summary>Adds seals; they cannot be taken off again.</summary>
    public static void AddSeals(FileDescriptor file, FileSeals seals) =>
        LinuxException.Check(Libc.Fcntl(file.Number, Libc.F_ADD_SEALS, (nint)seals), "fcntl(F_ADD_SEALS)", file.ToString());

    /// <summary>The seals of a file; none for a file that does not know sealing.</summary>
    public static FileSeals SealsOf(FileDescriptor file)
    {
        int result = Libc.Fcntl(file.Number, Libc.F_GET_SEALS, 0);
        return result >= 0 ? (FileSeals)result : FileSeals.None;
    }

    /// <summary>Changes the size; fails with EPERM where a seal forbids it.</summary>
    public static Errno TryResize(FileDescriptor file, long size) =>
        Libc.Ftruncate(file.Number, (nint)size) == 0 ? Errno.None : LinuxException.Last;
}
