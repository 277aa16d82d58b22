using SoftIov.Memory;

namespace SoftIov.Tests.Memory;

/// <summary>Claims to be memory of any length, for tests of what happens before somebody touches it.</summary>
internal sealed class UntouchedMemory(long length) : IHostMemory
{
    public nint Address => 0x1000;

    public long Length => length;

    public void Dispose()
    {
    }
}
