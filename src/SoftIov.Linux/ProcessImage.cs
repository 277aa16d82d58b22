using System.Runtime.InteropServices;

namespace SoftIov.Linux;

/// <summary>The program this process runs.</summary>
public static class ProcessImage
{
    /// <summary>
    /// Goes on as another program (execve(2)): same process id, standard streams and environment of the start. Returns only when that
    /// failed: why.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, its own name first.</param>
    public static unsafe LinuxException Replace(string path, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)arguments.Count + 1, (nuint)sizeof(byte*));
        try
        {
            for (int i = 0; i < arguments.Count; i++)
            {
                vector[i] = (byte*)Marshal.StringToCoTaskMemUTF8(arguments[i]);
            }

            fixed (byte* name = Libc.CString(path))
            {
                Libc.Execute(name, vector);
            }

            return LinuxException.FromLast("execve", path);
        }
        finally
        {
            for (int i = 0; i < arguments.Count; i++)
            {
                Marshal.FreeCoTaskMem((nint)vector[i]);
            }

            NativeMemory.Free(vector);
        }
    }
}
