using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>A system call failed in control code: which, on what, and why.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>
    /// A failed <paramref name="call"/> on <paramref name="subject"/> (a path, an interface, a purpose), and what could be done about it.
    /// </summary>
    public LinuxException(string call, Errno errno, string subject, string? advice = null)
        : base(
            $"{call} failed for {subject}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({errno}){(advice is null ? "" : $"; {advice}")}",
            (int)errno)
    {
        Call = call;
        Errno = errno;
        Subject = subject;
    }

    /// <summary>Name of the system call, for example mmap.</summary>
    public string Call { get; }

    /// <summary>Why.</summary>
    public Errno Errno { get; }

    /// <summary>On what.</summary>
    public string Subject { get; }

    /// <summary>The error of the system call that just returned on this thread.</summary>
    internal static Errno Last => (Errno)Marshal.GetLastPInvokeError();

    internal static LinuxException FromLast(string call, string subject) => new(call, Last, subject, AdviceOn(Last));

    /// <summary>Passes a result of 0 or more on; throws on a negative one.</summary>
    internal static int Check(int result, string call, string subject) => result >= 0 ? result : throw FromLast(call, subject);

    /// <summary>What helps whatever the call was.</summary>
    private static string? AdviceOn(Errno errno) => errno switch
    {
        Errno.EMFILE => "raise the hard limit of open files of this process (ulimit -Hn, LimitNOFILE=)",
        Errno.ENFILE => "raise the limit of open files of the host (sysctl fs.file-max)",
        _ => null,
    };
}
