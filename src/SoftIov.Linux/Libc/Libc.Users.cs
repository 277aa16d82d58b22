using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>geteuid(2), chown(2).</summary>
internal static unsafe partial class Libc
{
    /// <summary>Leaves a group or user as it is (chown(2)).</summary>
    internal const uint Unchanged = uint.MaxValue;

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();

    [LibraryImport(Library, EntryPoint = "chown", SetLastError = true)]
    internal static partial int Chown(byte* path, uint user, uint group);
}
