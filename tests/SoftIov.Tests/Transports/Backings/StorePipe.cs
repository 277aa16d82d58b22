using System.IO.Pipes;
using System.Runtime.InteropServices;
using SoftIov.Linux;

namespace SoftIov.Tests.Transports;

/// <summary>A pipe in place of a file: reads of it wait until the test has written what they ask for, and it can do nothing else.</summary>
internal sealed class StorePipe : IDisposable
{
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out);

    public FileDescriptor OpenReader() => FileDescriptor.Open($"/proc/self/fd/{_pipe.GetClientHandleAsString()}", writable: false);

    public void Write(ReadOnlySpan<byte> bytes) => _pipe.Write(bytes);

    /// <summary>Puts another file behind a descriptor that is in use.</summary>
    public static void Replace(FileDescriptor descriptor, FileDescriptor file)
    {
        const int CloseOnExec = 0x80000;
        if (dup3(file.Number, descriptor.Number, CloseOnExec) < 0)
        {
            throw new InvalidOperationException($"dup3: error {Marshal.GetLastPInvokeError()}");
        }
    }

    public void Dispose() => _pipe.Dispose();

#pragma warning disable SYSLIB1054, IDE1006 // source-generated imports need unsafe code, which tests are not to have; names are libc's
    [DllImport("libc", SetLastError = true)]
    private static extern int dup3(int from, int to, int flags);
#pragma warning restore SYSLIB1054, IDE1006
}
