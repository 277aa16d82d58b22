using SoftIov.Linux;
using SoftIov.Pcie;

namespace SoftIov.Transports.VfioUser;

/// <summary>
/// The pages of a BAR that one client may map, in a memory file of its own: made when the client comes, sealed in size, and never given to
/// another, since nothing takes a mapping away from a client that has gone. Offsets in the file are those in the BAR, as clients expect;
/// what lies before the pages is a hole that holds nothing.
/// </summary>
internal sealed class SharedPages : IDisposable
{
    public SharedPages(string name, SharedBarMemory place)
    {
        Place = place;
        File = MemoryFile.Create($"{name} BAR {place.Bar}", place.Offset + place.Length);
        Memory = MappedFile.Map(File, place.Offset, place.Length, writable: true);
    }

    /// <summary>Where they are.</summary>
    public SharedBarMemory Place { get; }

    /// <summary>For the client.</summary>
    public FileDescriptor File { get; }

    /// <summary>For the endpoint.</summary>
    public MappedFile Memory { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Dispose();
        Memory.Dispose();
    }
}
