namespace SoftIov.Tests.Linux;

/// <summary>Counts what this process has open, to find leaks.</summary>
internal static class OpenDescriptors
{
    internal static int Count() => Directory.GetFiles("/proc/self/fd").Length;
}
