using SoftIov.Datapath;
using SoftIov.Linux;
using SoftIov.Tests.Linux;
using SoftIov.Transports.Backings;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>What opening a store makes, keeps and refuses.</summary>
public sealed class BlockStoresTests : IDisposable
{
    private readonly StoreSetup _setup = new();

    public void Dispose() => _setup.Dispose();

    [Fact]
    public void A_file_that_is_not_there_is_made_sparse_and_of_its_size()
    {
        string path = _setup.File("new.img");
        using FileStore store = _setup.OpenFile(path, (5L << 30) + 1);
        Assert.Equal((5L << 30) + 4096, store.Length);
        Assert.Equal(store.Length, new FileInfo(path).Length);
        Assert.Equal("0", HostCommand.Run("du", "-k", path).Split('\t')[0]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.StartsWith($"file {path}", store.Name);
        Assert.True(store.IsPersistent);
        Assert.False(store.IsNull);
        Assert.Null(store.Memory);
    }

    [Theory]
    [InlineData(8192, null, 8192)]
    [InlineData(8192, 4096, 8192)]
    [InlineData(8192, 1 << 20, 1 << 20)]
    [InlineData(8000, null, 8192)]
    public void A_file_keeps_its_size_or_grows(int length, int? asked, int expected)
    {
        string path = _setup.File("old.img");
        File.WriteAllBytes(path, StoreSetup.Pattern(length));
        using FileStore store = _setup.OpenFile(path, asked);
        Assert.Equal(expected, store.Length);
        Assert.Equal(expected, new FileInfo(path).Length);
        Assert.Equal(StoreSetup.Pattern(length), File.ReadAllBytes(path)[..length]);
    }

    [Fact]
    public void A_store_has_one_user()
    {
        string path = _setup.File("one.img");
        using (_setup.OpenFile(path, 4096))
        {
            LinuxException refused = _setup.Refusal(new BackingOptions(BackingKind.File, path, 1 << 20));
            Assert.Equal(Errno.EBUSY, refused.Errno);
            Assert.Contains($"fuser {path}", refused.Message, StringComparison.Ordinal);
            Assert.Equal(4096, new FileInfo(path).Length);
        }

        _setup.OpenAgain(path).Dispose();
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_said()
    {
        Says("a", length: null, Errno.ENOENT, "say how large");
        Says("no/where/a", 4096, Errno.ENOENT, "make it first");
        Directory.CreateDirectory(_setup.File("folder"));
        Says("folder", 4096, Errno.EISDIR, "name a file in it");
        HostCommand.Run("mkfifo", _setup.File("fifo"));
        Says("fifo", 4096, Errno.EINVAL, "no regular file");
        File.WriteAllBytes(_setup.File("empty"), []);
        Says("empty", length: null, Errno.EINVAL, "it is empty");
        Says("b", 0, Errno.EINVAL, "1 byte at least");
        Assert.False(File.Exists(_setup.File("b")));
        Says("b", long.MaxValue, Errno.EINVAL, "8 EiB");
    }

    [MountFact]
    public void A_file_that_cannot_be_so_large_is_not_made()
    {
        string image = _setup.File("ext4");
        using (FileStream file = File.Create(image))
        {
            file.SetLength(8 << 20);
        }

        HostCommand.Run("mkfs.ext4", "-q", "-O", "^has_journal", image);
        using var small = new MountedFolder("ext4", "loop", image);
        Says(new BackingOptions(BackingKind.File, small.File("huge"), 1L << 62), Errno.EFBIG, "no files of");
        Assert.False(File.Exists(small.File("huge")));
    }

    [Fact]
    public void What_is_wrong_with_a_block_device_is_said()
    {
        File.WriteAllBytes(_setup.File("file"), new byte[4096]);
        Says(new BackingOptions(BackingKind.Block, _setup.File("file")), Errno.EINVAL, "use file:PATH");
        Says(new BackingOptions(BackingKind.Block, "/dev/no-such-disk"), Errno.ENOENT, "lsblk");
    }

    [Theory]
    [InlineData(BackingKind.Memory)]
    [InlineData(BackingKind.Null)]
    public void What_has_no_size_of_its_own_must_be_given_one(BackingKind kind)
    {
        Says(new BackingOptions(kind), Errno.EINVAL, "say how large");
        using IBlockStore store = _setup.Stores.Open(new BackingOptions(kind, LengthBytes: 5000));
        Assert.Equal(8192, store.Length);
        Assert.Equal(512, store.BlockBytes);
        Assert.False(store.IsPersistent);
        Assert.Equal(kind == BackingKind.Null, store.IsNull);
        Assert.Equal(kind == BackingKind.Memory, store.Memory is not null);
        Assert.Throws<NotSupportedException>(() => store.OpenLane(1, 4096, _setup.Handle));
        store.Flush();
        store.Deallocate(0, 8192);
    }

    [Fact]
    public void A_file_in_memory_goes_through_the_page_cache_and_says_so()
    {
        string path = $"/dev/shm/softiov-{Guid.NewGuid():N}";
        try
        {
            using FileStore store = _setup.OpenFile(path, 1 << 20);
            Assert.False(store.IsDirect);
            Assert.False(store.IsPersistent);
            Assert.Equal(512, store.BlockBytes);
            Assert.EndsWith("(through the page cache)", store.Name);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private void Says(string name, long? length, Errno error, string advice) =>
        Says(new BackingOptions(BackingKind.File, _setup.File(name), length), error, advice);

    private void Says(BackingOptions options, Errno error, string advice)
    {
        LinuxException refused = _setup.Refusal(options);
        Assert.Equal(error, refused.Errno);
        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
        Assert.Contains(options.Path, refused.Message, StringComparison.Ordinal);
    }
}
