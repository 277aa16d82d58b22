using SoftIov.Linux;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>What a stream can send descriptors of, by name, and whether all the server got of it is gone again.</summary>
internal sealed class DescriptorSet : IDisposable
{
    private const long MemorySize = 1 << 20;
    private const string Memory = "fuzz-memory.";
    private readonly Dictionary<string, FileDescriptor> _descriptors = [];

    /// <summary>Nobody reads what is written to the channel.</summary>
    private readonly UnixStream _far;

    public DescriptorSet()
    {
        FileDescriptor memory = MemoryFile.Create(Memory, MemorySize);
        _descriptors.Add("memory", memory);
        _descriptors.Add("memory2", MemoryFile.Create(Memory, MemorySize / 4));
        _descriptors.Add("unsealed", MemoryFile.Create(Memory, MemorySize, FileSeals.None));
        _descriptors.Add("readonly", FileDescriptor.Open($"/proc/self/fd/{memory.Number}", writable: false));
        _descriptors.Add("event", new EventFd().Descriptor);
        _descriptors.Add("event2", new EventFd().Descriptor);
        (UnixStream channel, _far) = UnixStream.Pair();
        _descriptors.Add("channel", channel.Descriptor);
        _descriptors.Add("folder", FileDescriptor.Open("/", writable: false));
    }

    /// <summary>Names.</summary>
    public static string[] Names => ["memory", "memory2", "unsealed", "readonly", "event", "event2", "channel", "folder"];

    /// <summary>Numbers of what is named.</summary>
    public int[] NumbersOf(string[] names) => [.. names.Select(name => _descriptors[name].Number)];

    /// <summary>What is still open or mapped besides our own; null when nothing is.</summary>
    public string? Leak()
    {
        int events = Directory.GetFiles("/proc/self/fdinfo").Count(IsOurEvent);
        if (events != 2)
            return $"{events - 2} eventfds are still open";
        int mappings = File.ReadAllLines("/proc/self/maps").Count(line => line.Contains(Memory, StringComparison.Ordinal));
        return mappings == 0 ? null : $"{mappings} mappings of guest memory are left";
    }

    public void Dispose()
    {
        foreach (FileDescriptor descriptor in _descriptors.Values)
            descriptor.Dispose();
        _far.Dispose();
    }

    private bool IsOurEvent(string path)
    {
        try
        {
            string text = File.ReadAllText(path);
            return text.Contains("eventfd-id:", StringComparison.Ordinal) && (IsSame(text, "event") || IsSame(text, "event2"));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool IsSame(string text, string name) =>
        EventId(text) == EventId(File.ReadAllText($"/proc/self/fdinfo/{_descriptors[name].Number}"));

    private static string EventId(string text) => text.Split('\n').First(line => line.StartsWith("eventfd-id:", StringComparison.Ordinal));
}
