using System.Buffers.Binary;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Tests.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserDmaMapTests
{
    private const DmaAccess ReadWrite = DmaAccess.Read | DmaAccess.Write;
    private const int Page = 4096;

    [Fact]
    public void Device_and_guest_see_the_same_bytes()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(16 * Page);
        client.MapDma(0x10000, 8 * Page, ReadWrite, memory.File, 2 * Page);
        client.WriteConfig16(4, 6);
        memory.Bytes[2 * Page] = 42;
        byte[] read = new byte[1];
        Assert.True(served.Endpoint.Dma.TryRead(0x10000, read));
        Assert.Equal(42, read[0]);
        Assert.True(served.Endpoint.Dma.TryWrite(0x10000 + 8 * Page - 1, [7]));
        Assert.Equal(7, memory.Bytes[10 * Page - 1]);
        Assert.False(served.Endpoint.Dma.TryRead(0x10000 + 8 * Page, read));
        Assert.Equal(8 * Page, served.Socket.Attachment!.MappedBytes);
    }

    [Fact]
    public void Permissions_are_kept_and_a_file_that_cannot_be_written_serves_for_reading()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(4 * Page);
        using FileDescriptor readOnly = FileDescriptor.Open($"/proc/self/fd/{memory.File.Number}", writable: false);
        client.WriteConfig16(4, 6);
        Assert.Equal(Errno.EACCES, Refusal(client, 0, Page, ReadWrite, readOnly));
        client.MapDma(0, Page, DmaAccess.Read, readOnly);
        client.MapDma(Page, Page, ReadWrite, memory.File, Page);
        Assert.True(served.Endpoint.Dma.TryRead(0, new byte[2 * Page]));
        Assert.False(served.Endpoint.Dma.TryWrite(0, [1]));
        Assert.True(served.Endpoint.Dma.TryWrite(Page, [1]));
        Assert.Equal(1, memory.Bytes[Page]);
    }

    [Fact]
    public void A_file_is_mapped_once_however_often_it_is_passed()
    {
        using ServedModel served = new(new VfioUserSettings { MaximumFiles = 1 });
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(256 * Page);
        for (int i = 0; i < 256; i++)
            client.MapDma((ulong)(2 * i * Page), Page, ReadWrite, memory.File, (ulong)(i * Page));
        client.GetInfo();
        Assert.Equal(1, OpenDescriptors.Of(memory.File));
        Assert.Equal(1, memory.Mappings - 1);
        Assert.Equal(256, served.Endpoint.Dma.Count);
        Assert.Equal(256u * Page, client.UnmapAllDma());
        Assert.True(memory.IsGivenBack());
    }

    [Fact]
    public void A_file_that_grew_is_mapped_anew_while_its_old_mapping_is_used()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(Page, FileSeals.Shrink);
        client.WriteConfig16(4, 6);
        client.MapDma(0, Page, ReadWrite, memory.File);
        Assert.Equal(Errno.EINVAL, Refusal(client, Page, Page, ReadWrite, memory.File, Page));
        MemoryFile.TryResize(memory.File, 3 * Page);
        client.MapDma(Page, 2 * Page, ReadWrite, memory.File, Page);
        Assert.True(served.Endpoint.Dma.TryWrite(0, Enumerable.Repeat((byte)9, 3 * Page).ToArray()));
        using MappedFile all = MappedFile.Map(memory.File, 0, 3 * Page, writable: false);
        Assert.Equal(-1, all.Bytes.IndexOfAnyExcept((byte)9));
        Assert.Equal((ulong)Page, client.UnmapDma(0, Page));
        Assert.True(served.Endpoint.Dma.TryWrite(Page, [1]));
        Assert.Equal(2ul * Page, client.UnmapDma(Page, 2 * Page));
    }

    [Fact]
    public void Large_memory_is_given_back_beside_the_loop()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(1L << 30);
        client.MapDma(0, 1UL << 30, ReadWrite, memory.File);
        Assert.Equal(2, memory.Mappings);
        client.UnmapAllDma();
        Assert.True(memory.IsGivenBack());
    }

    [Fact]
    public void A_file_that_could_shrink_is_refused_unless_the_socket_allows_it()
    {
        using (ServedModel strict = new())
        using (VfioUserClient client = strict.Connect())
        using (GuestMemory memory = new(Page, FileSeals.None))
        {
            string? refusal = null;
            strict.Socket.Warned += (_, what) => refusal = what;
            Assert.Equal(Errno.EPERM, Refusal(client, 0, Page, ReadWrite, memory.File));
            client.GetInfo();
            Assert.Contains("not sealed", refusal);
            Assert.Equal(0, strict.Endpoint.Dma.Count);
        }

        using ServedModel lax = new(allowUnsealed: true);
        using VfioUserClient trusted = lax.Connect();
        using GuestMemory plain = new(Page, FileSeals.None);
        trusted.MapDma(0, Page, ReadWrite, plain.File);
        Assert.Equal(1, lax.Endpoint.Dma.Count);
    }

    [Fact]
    public void Huge_pages_are_refused_unless_the_socket_allows_them_though_they_are_sealed()
    {
        using FileDescriptor file = HugePages.Create();
        using (ServedModel strict = new())
        using (VfioUserClient client = strict.Connect())
        {
            string? refusal = null;
            strict.Socket.Warned += (_, what) => refusal = what;
            Assert.Equal(Errno.EPERM, Refusal(client, 0, (ulong)HugePages.Size, ReadWrite, file));
            client.GetInfo();
            Assert.Contains("of huge pages", refusal);
        }

        using ServedModel lax = new(allowUnsealed: true);
        using VfioUserClient trusted = lax.Connect();
        Errno error = Errno.None;
        try
        {
            trusted.MapDma(0, (ulong)HugePages.Size, ReadWrite, file);
        }
        catch (VfioUserException refusal)
        {
            error = refusal.Errno;
        }

        Assert.True(error is Errno.None or Errno.ENOMEM, $"{error}"); // as the host's pool has one or not
    }

    [Fact]
    public void Clients_together_map_no_more_than_the_server_may_and_leave_the_next_one_some()
    {
        using ServedModel served = new(new VfioUserSettings { TotalFiles = 18, TotalMappedBytes = 1L << 30 });
        using VfioUserSocket other = served.Serve(new EndpointModel(), "other.sock");
        using VfioUserClient greedy = served.Connect();
        using VfioUserClient neighbour = VfioUserClient.Connect(other.Path);
        using FileDescriptor large = MemoryFile.Create("large", 1 << 30);
        using GuestMemory first = new(Page);
        using GuestMemory second = new(Page);
        using GuestMemory third = new(Page);
        greedy.MapDma(0, Page, ReadWrite, first.File);
        greedy.MapDma(Page, Page, ReadWrite, second.File);
        Assert.Equal(Errno.ENOMEM, Refusal(greedy, 2 * Page, Page, ReadWrite, third.File));
        Assert.Equal(Errno.ENOMEM, Refusal(neighbour, 0, 1 << 30, ReadWrite, large));
        neighbour.MapDma(0, Page, ReadWrite, third.File);
        greedy.UnmapAllDma();
        Assert.True(first.IsGivenBack());
        Assert.True(SpinWait.SpinUntil(() => Maps(greedy, third.File), ServedModel.Patience));

        static bool Maps(VfioUserClient client, FileDescriptor file)
        {
            try
            {
                client.MapDma(Page, Page, ReadWrite, file);
                return true;
            }
            catch (VfioUserException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void What_is_no_memory_file_is_refused()
    {
        using ServedModel served = new(allowUnsealed: true);
        using VfioUserClient client = served.Connect();
        using EventFd line = new();
        using FileDescriptor folder = FileDescriptor.Open("/tmp", writable: false);
        Assert.Equal(Errno.EINVAL, Refusal(client, 0, Page, ReadWrite, line.Descriptor));
        Assert.Equal(Errno.EINVAL, Refusal(client, 0, Page, ReadWrite, folder));
        Assert.Equal(Errno.EINVAL, Refusal(client, 0, Page, ReadWrite, client.Stream.Descriptor));
    }

    [Theory]
    [InlineData(0ul, 0ul, 0ul)]
    [InlineData(ulong.MaxValue - 4094, 8192ul, 0ul)]
    [InlineData(0ul, 65537ul, 0ul)]
    [InlineData(0ul, 4096ul, 65536ul)]
    [InlineData(0ul, 8192ul, ulong.MaxValue - 4095)]
    [InlineData(0ul, ulong.MaxValue, 4096ul)]
    public void Ranges_must_lie_in_the_address_space_and_in_the_file(ulong iova, ulong size, ulong offset)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(16 * Page);
        Assert.Equal(Errno.EINVAL, Refusal(client, iova, size, ReadWrite, memory.File, offset));
        Assert.Equal(0, served.Endpoint.Dma.Count);
    }

    [Fact]
    public void The_last_page_of_the_address_space_can_be_mapped()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(Page);
        client.MapDma(ulong.MaxValue - Page + 1, Page, ReadWrite, memory.File);
        Assert.Equal((ulong)Page, client.UnmapDma(ulong.MaxValue - Page + 1, Page));
    }

    [Fact]
    public void Overlaps_are_eexist_with_and_without_files()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(16 * Page);
        client.MapDma(4 * Page, 4 * Page, ReadWrite, memory.File);
        Assert.Equal(Errno.EEXIST, Refusal(client, 4 * Page, 4 * Page, ReadWrite, memory.File));
        Assert.Equal(Errno.EEXIST, Refusal(client, 0, 5 * Page, ReadWrite, memory.File));
        Assert.Equal(Errno.EEXIST, Refusal(client, 7 * Page, Page, ReadWrite, null));
        client.MapDma(8 * Page, Page, ReadWrite);
        client.MapDma(3 * Page, Page, ReadWrite, memory.File);
        Assert.Equal(3, served.Endpoint.Dma.Count);
    }

    [Theory]
    [InlineData(0u, false, Errno.EINVAL)]
    [InlineData(0x10u | 3, true, Errno.EINVAL)]
    [InlineData(4u | 3, false, Errno.EINVAL)]
    [InlineData(8u | 3, false, Errno.EINVAL)]
    [InlineData(8u | 3, true, Errno.EOPNOTSUPP)]
    [InlineData(4u | 3, true, Errno.None)]
    [InlineData(12u | 3, true, Errno.None)]
    [InlineData(3u, false, Errno.None)]
    public void Flags_say_how_memory_is_reached(uint flags, bool withFile, Errno expected)
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(Page);
        byte[] request = Request(flags, Page);
        ReadOnlySpan<int> files = withFile ? [memory.File.Number] : [];
        Assert.Equal(expected, client.Call(ClientMessage.DmaMap, request, files).Error);
        Assert.Equal(expected == Errno.None ? 1 : 0, served.Endpoint.Dma.Count);
    }

    [Fact]
    public void Structures_and_descriptors_must_be_as_many_as_the_command_has()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(Page);
        byte[] request = Request(3, Page);
        int file = memory.File.Number;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaMap, request, file, file).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaMap, request.AsSpan(0, 31), file).Error);
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaMap, new byte[64], file).Error);
        request[0] = 31;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.DmaMap, request, file).Error);
        Assert.Equal(Errno.EMFILE, client.Call(ClientMessage.DmaMap, request, Enumerable.Repeat(file, 20).ToArray()).Error);
        byte[] information = new byte[16];
        information[0] = 16;
        Assert.Equal(Errno.EINVAL, client.Call(ClientMessage.GetInfo, information, file).Error);
        client.GetInfo();
        Assert.Equal(1, OpenDescriptors.Of(memory.File));
        Assert.Equal(0, served.Endpoint.Dma.Count);
    }

    [Fact]
    public void Limits_of_files_and_bytes_are_kept()
    {
        using ServedModel served = new(new VfioUserSettings { MaximumFiles = 2, MaximumMappedBytes = 64 * Page });
        using VfioUserClient client = served.Connect();
        using GuestMemory one = new(32 * Page);
        using GuestMemory two = new(32 * Page);
        using GuestMemory three = new(Page);
        using GuestMemory large = new(64 * Page);
        client.MapDma(0, Page, ReadWrite, one.File);
        Assert.Equal(Errno.ENOMEM, Refusal(client, 2 * Page, Page, ReadWrite, large.File));
        client.MapDma(Page, Page, ReadWrite, two.File);
        Assert.Equal(Errno.ENOSPC, Refusal(client, 2 * Page, Page, ReadWrite, three.File));
        client.UnmapDma(0, Page);
        client.MapDma(2 * Page, Page, ReadWrite, three.File);
    }

    [Fact]
    public void Posted_maps_work_and_are_not_answered()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        using GuestMemory memory = new(Page);
        client.Post(ClientMessage.DmaMap, Request(3, Page), memory.File.Number);
        client.Post(ClientMessage.DmaMap, Request(3, Page), memory.File.Number);
        Assert.Equal(9u, client.GetInfo().Regions);
        Assert.Equal(1, served.Endpoint.Dma.Count);
        Assert.Equal(1, served.Socket.Counters.RefusedCommands);
    }

    private static byte[] Request(uint flags, ulong size)
    {
        byte[] request = new byte[32];
        request[0] = 32;
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), flags);
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(24), size);
        return request;
    }

    private static Errno Refusal(
        VfioUserClient client, ulong iova, ulong size, DmaAccess access, FileDescriptor? file, ulong offset = 0) =>
        Assert.Throws<VfioUserException>(() => client.MapDma(iova, size, access, file, offset)).Errno;
}
