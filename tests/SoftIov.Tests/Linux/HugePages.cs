using System.Runtime.InteropServices;
using SoftIov.Linux;
using Xunit;

namespace SoftIov.Tests.Linux;

/// <summary>Memory files of huge pages, sealed as QEMU seals them. None is taken from the pool before it is touched or mapped.</summary>
internal static class HugePages
{
    private const uint CloseOnExec = 1;
    private const uint AllowSealing = 2;
    private const uint HugeTlb = 4;

    internal const long Size = 2 << 20;

    internal static FileDescriptor Create()
    {
        int result = memfd_create("huge", CloseOnExec | AllowSealing | HugeTlb);
        Assert.True(result >= 0, $"memfd_create: error {Marshal.GetLastPInvokeError()}");
        var file = new FileDescriptor(result);
        Assert.Equal(Errno.None, MemoryFile.TryResize(file, Size));
        MemoryFile.AddSeals(file, FileSeals.Shrink | FileSeals.Grow | FileSeals.Seal);
        return file;
    }

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // source-generated imports need unsafe code, which tests are not to have; names are libc's
    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi)]
    private static extern int memfd_create(string name, uint flags);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
