namespace SoftIov.Memory;

/// <summary>Host memory that stays mapped at one address until disposed: a mapped file, or pages of our own.</summary>
public interface IHostMemory : IDisposable
{
    /// <summary>First byte.</summary>
    nint Address { get; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }
}
