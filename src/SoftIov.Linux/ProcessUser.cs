namespace SoftIov.Linux;

/// <summary>The user this process acts as.</summary>
public static class ProcessUser
{
    /// <summary>Effective user id (geteuid(2)).</summary>
    public static uint Id { get; } = Libc.EffectiveUserId();

    /// <summary>Gives a file to another user; its group stays. Needs CAP_CHOWN.</summary>
    public static unsafe void GiveFile(string path, uint userId)
    {
        fixed (byte* name = Libc.CString(path))
        {
            LinuxException.Check(Libc.Chown(name, userId, Libc.Unchanged), "chown", path);
        }
    }
}
