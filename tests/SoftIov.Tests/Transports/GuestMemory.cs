using SoftIov.Linux;

namespace SoftIov.Tests.Transports;

/// <summary>Memory of a guest: a memory file and the guest's own mapping of it.</summary>
internal sealed class GuestMemory : IDisposable
{
    private static int _made;
    private readonly string _name = $"guest-{Interlocked.Increment(ref _made)}.";
    private readonly MappedFile _mapping;

    public GuestMemory(long size, FileSeals seals = FileSeals.Shrink | FileSeals.Grow | FileSeals.Seal)
    {
        File = MemoryFile.Create(_name, size, seals);
        _mapping = MappedFile.Map(File, 0, size, writable: true);
    }

    public FileDescriptor File { get; }

    /// <summary>How often this process has it mapped.</summary>
    public int Mappings => System.IO.File.ReadAllLines("/proc/self/maps").Count(line => line.Contains(_name));

    /// <summary>Waits until this process has it mapped as the guest alone: mappings go a moment after their last use.</summary>
    public bool IsGivenBack() => SpinWait.SpinUntil(() => Mappings == 1, ServedModel.Patience);

    public Span<byte> Bytes => _mapping.Bytes;

    public void Dispose()
    {
        _mapping.Dispose();
        File.Dispose();
    }
}
