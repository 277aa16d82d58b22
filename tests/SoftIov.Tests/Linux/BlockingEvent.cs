using System.Runtime.InteropServices;
using SoftIov.Linux;

namespace SoftIov.Tests.Linux;

/// <summary>What a client can do to an eventfd that it shares: make it block again, and leave no room in its counter.</summary>
internal static class BlockingEvent
{
    private const int SetFlags = 4;

    internal static void FillUp(EventFd line)
    {
        ulong most = ulong.MaxValue - 1;
        line.Drain();
        Xunit.Assert.Equal(0, fcntl(line.Descriptor.Number, SetFlags, 0));
        Xunit.Assert.Equal(sizeof(ulong), write(line.Descriptor.Number, ref most, sizeof(ulong)));
    }

#pragma warning disable SYSLIB1054 // Generated marshalling needs unsafe code, which tests have not.
    [DllImport("libc")]
    private static extern int fcntl(int descriptor, int command, nint argument);

    [DllImport("libc")]
    private static extern nint write(int descriptor, ref ulong bytes, nint count);
#pragma warning restore SYSLIB1054
}
