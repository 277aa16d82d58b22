using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>sched_setaffinity(2). Process 0 is the calling thread.</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    internal static partial int SetAffinity(int thread, nuint length, ulong* mask);

    [LibraryImport(Library, EntryPoint = "sched_getaffinity", SetLastError = true)]
    internal static partial int GetAffinity(int thread, nuint length, ulong* mask);
}
