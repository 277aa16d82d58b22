using SoftIov.Linux;

namespace SoftIov.Tests.Linux;

/// <summary>Counts what this process has open, to find leaks. Tests run side by side: only what is named can be counted exactly.</summary>
internal static class OpenDescriptors
{
    /// <summary>All of them, those of tests that run beside included.</summary>
    internal static int Count() => Directory.GetFiles("/proc/self/fd").Length;

    /// <summary>Descriptors of the same eventfd, socket or file as <paramref name="descriptor"/>, itself included.</summary>
    internal static int Of(FileDescriptor descriptor)
    {
        string identity = Identity(descriptor.Number.ToString())!;
        return Directory.GetFiles("/proc/self/fd").Count(path => Identity(Path.GetFileName(path)) == identity);
    }

    private static string? Identity(string number)
    {
        try
        {
            // An eventfd has no inode of its own, but a number in its fdinfo.
            string[] info = File.ReadAllLines($"/proc/self/fdinfo/{number}");
            return string.Join(' ', info.Where(line => line.StartsWith("ino:") || line.StartsWith("eventfd-id:")));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
