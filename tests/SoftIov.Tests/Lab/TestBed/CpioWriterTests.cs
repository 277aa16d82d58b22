using System.Text;
using SoftIov.Lab.TestBed;
using Xunit;

namespace SoftIov.Tests.Lab.TestBed;

public sealed class CpioWriterTests
{
    [Fact]
    public void Folders_come_before_what_is_in_them_and_once()
    {
        List<Entry> entries = Read(Write(cpio =>
        {
            cpio.AddFile("a/b/file", "12345"u8, executable: true);
            cpio.AddLink("a/b/link", "file");
            cpio.AddFolder("a/empty");
            cpio.AddDevice("dev/console", 5, 1);
        }));
        Assert.Equal(
            ["a", "a/b", "a/b/file", "a/b/link", "a/empty", "dev", "dev/console", "TRAILER!!!"], entries.Select(entry => entry.Name));
        Assert.Equal(new Entry("a/b/file", 0x81ED, "12345", 0, 0), entries[2]); // 0100755
        Assert.Equal(new Entry("a/b/link", 0xA1FF, "file", 0, 0), entries[3]); // 0120777
        Assert.Equal(new Entry("dev/console", 0x2180, "", 5, 1), entries[6]); // 0020600
    }

    [Fact]
    public void Same_calls_make_the_same_bytes()
    {
        static void Fill(CpioWriter cpio) => cpio.AddFile("x/y", new byte[1001], executable: false);
        Assert.Equal(Write(Fill), Write(Fill));
    }

    private static byte[] Write(Action<CpioWriter> fill)
    {
        using var memory = new MemoryStream();
        var cpio = new CpioWriter(memory);
        fill(cpio);
        cpio.Finish();
        return memory.ToArray();
    }

    // Reads the newc format: a header of 110 characters, name and content each padded to 4 bytes.
    private static List<Entry> Read(byte[] archive)
    {
        var entries = new List<Entry>();
        int position = 0;
        while (position < archive.Length)
        {
            string header = Encoding.ASCII.GetString(archive, position, 110);
            Assert.StartsWith("070701", header, StringComparison.Ordinal);
            int Field(int index) => Convert.ToInt32(header.Substring(6 + (8 * index), 8), 16);
            string name = Encoding.ASCII.GetString(archive, position + 110, Field(11) - 1);
            int start = Align(position + 110 + Field(11));
            entries.Add(new Entry(name, Field(1), Encoding.ASCII.GetString(archive, start, Field(6)), Field(9), Field(10)));
            position = Align(start + Field(6));
        }

        return entries;
    }

    private static int Align(int value) => (value + 3) & ~3;

    private sealed record Entry(string Name, int Mode, string Content, int Major, int Minor);
}
