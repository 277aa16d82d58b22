using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>execv(3).</summary>
internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "execv", SetLastError = true)]
    internal static partial int Execute(byte* path, byte** arguments);
}
