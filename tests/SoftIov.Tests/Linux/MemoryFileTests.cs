using SoftIov.Linux;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Linux;

public sealed class MemoryFileTests
{
    [Fact]
    public void A_sealed_file_keeps_its_size()
    {
        using FileDescriptor file = MemoryFile.Create("sealed", 8192);
        Assert.Equal(8192, file.Status().Size);
        Assert.True(MemoryFile.SealsOf(file).HasFlag(FileSeals.Shrink));
        Assert.Equal(Errno.EPERM, MemoryFile.TryResize(file, 4096));
        Assert.Equal(Errno.EPERM, MemoryFile.TryResize(file, 16384));
    }

    [Fact]
    public void An_ordinary_file_has_no_seals()
    {
        using ScratchFolder folder = new();
        File.WriteAllText(folder.File("x"), "x");
        using FileDescriptor file = FileDescriptor.Open(folder.File("x"), writable: true);
        Assert.Equal(FileSeals.None, MemoryFile.SealsOf(file));
        Assert.True(file.Status().IsRegular);
    }

    [Fact]
    public void Two_mappings_of_one_file_show_the_same_bytes()
    {
        using FileDescriptor file = MemoryFile.Create("shared", 8192);
        using MappedFile first = MappedFile.Map(file, 0, 8192, writable: true);
        using MappedFile second = MappedFile.Map(file, 4096, 4096, writable: false);
        first.Bytes[4096 + 5] = 77;
        Assert.Equal(77, second.Bytes[5]);
    }

    [Fact]
    public void A_disposed_mapping_refuses_its_address()
    {
        using FileDescriptor file = MemoryFile.Create("gone", 4096);
        MappedFile mapping = MappedFile.Map(file, 0, 4096, writable: true);
        mapping.Dispose();
        mapping.Dispose();
        Assert.Throws<ObjectDisposedException>(() => mapping.Address);
    }

    [Fact]
    public void State_pages_live_in_memory_files_that_can_be_handed_over()
    {
        using MemfdStateStore store = new();
        using StatePage<long> page = store.Create<long>("net0/3");
        page.Value = 42;
        FileDescriptor file = store.FileOf("net0/3")!;
        Assert.Contains("net0/3", file.Target);
        using MappedFile other = MappedFile.Map(file, 0, 4096, writable: false);
        Assert.Equal(42, other.Bytes[0]);
        store.Remove("net0/3");
        Assert.Null(store.FileOf("net0/3"));
        Assert.Equal(42, page.Value);
    }
}
