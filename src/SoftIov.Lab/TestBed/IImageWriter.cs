namespace SoftIov.Lab.TestBed;

/// <summary>Takes the files of a root file system, relative to its root; folders above them come by themselves.</summary>
internal interface IImageWriter
{
    /// <summary>Adds a regular file.</summary>
    void AddFile(string path, ReadOnlySpan<byte> content, bool executable);

    /// <summary>Adds a symbolic link.</summary>
    void AddLink(string path, string target);

    /// <summary>Adds an empty folder.</summary>
    void AddFolder(string path);

    /// <summary>Adds a character device.</summary>
    void AddDevice(string path, int major, int minor);
}
