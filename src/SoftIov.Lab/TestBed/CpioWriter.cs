using System.Globalization;
using System.Text;

namespace SoftIov.Lab.TestBed;

/// <summary>
/// Writes a cpio archive in the "newc" format that Linux takes as an initramfs (Documentation/driver-api/early-userspace/
/// buffer-format.rst). Same calls, same bytes: times are zero and inode numbers count up.
/// </summary>
internal sealed class CpioWriter(Stream output) : IImageWriter
{
    private const int DirectoryMode = 0x41ED; // 040755
    private const int RegularMode = 0x81A4; // 0100644
    private const int ExecutableMode = 0x81ED; // 0100755
    private const int LinkMode = 0xA1FF; // 0120777
    private const int CharacterMode = 0x2180; // 0020600
    private const int Alignment = 4;

    private readonly HashSet<string> _folders = [];
    private long _position;
    private int _inode;

    /// <inheritdoc/>
    public void AddFile(string path, ReadOnlySpan<byte> content, bool executable)
    {
        AddParents(path);
        Write(path, executable ? ExecutableMode : RegularMode, content);
    }

    /// <inheritdoc/>
    public void AddLink(string path, string target)
    {
        AddParents(path);
        Write(path, LinkMode, Encoding.UTF8.GetBytes(target));
    }

    /// <inheritdoc/>
    public void AddFolder(string path)
    {
        AddParents($"{path}/");
    }

    /// <inheritdoc/>
    public void AddDevice(string path, int major, int minor)
    {
        AddParents(path);
        Write(path, CharacterMode, [], major, minor);
    }

    /// <summary>Ends the archive.</summary>
    public void Finish() => Write("TRAILER!!!", 0, []);

    private void AddParents(string path)
    {
        for (int slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            string folder = path[..slash];
            if (_folders.Add(folder))
            {
                Write(folder, DirectoryMode, []);
            }
        }
    }

    private void Write(string name, int mode, ReadOnlySpan<byte> content, int major = 0, int minor = 0)
    {
        byte[] encodedName = Encoding.UTF8.GetBytes(name + '\0');
        int links = mode == DirectoryMode ? 2 : 1;
        ReadOnlySpan<int> fields =
        [
            ++_inode, mode, 0, 0, links, 0, content.Length, 0, 0, major, minor, encodedName.Length, 0,
        ];
        var header = new StringBuilder("070701");
        foreach (int field in fields)
        {
            header.Append(field.ToString("X8", CultureInfo.InvariantCulture));
        }

        Put(Encoding.ASCII.GetBytes(header.ToString()));
        Put(encodedName);
        Pad();
        Put(content);
        Pad();
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad()
    {
        int excess = (int)(_position % Alignment);
        if (excess != 0)
        {
            Put(stackalloc byte[Alignment - excess]);
        }
    }
}
