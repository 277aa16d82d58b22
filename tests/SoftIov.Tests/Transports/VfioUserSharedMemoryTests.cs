using System.Buffers.Binary;
using System.Diagnostics;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Memory;
using SoftIov.Pcie;
using SoftIov.Tests.Linux;
using SoftIov.Tests.Pcie;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

/// <summary>Pages of a BAR that clients map: honest ones, and ones that try to get more than that.</summary>
public sealed class VfioUserSharedMemoryTests
{
    private const int Bar = 0;
    private const int Offset = 0x1000;
    private const int Length = 0x2000;

    [Fact]
    public void A_client_without_room_is_told_how_much_it_takes_and_gets_no_file()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        RegionInfo expected = new(64, 0xF, Bar, 32, EndpointModel.Bar0Size, 0);
        Assert.Equal(expected, client.GetRegionInfo(Bar));
        foreach (int size in (int[])[32, 48, 63])
        {
            Answer brief = Ask(client, size);
            Assert.Equal(32, brief.Payload.Length);
            Assert.Null(brief.File);
        }

        foreach (int size in (int[])[64, 4064])
        {
            Answer full = Ask(client, size);
            Assert.Equal(64, full.Payload.Length);
            using FileDescriptor file = full.File!;
            Assert.Equal(64u, BinaryPrimitives.ReadUInt32LittleEndian(full.Payload));
        }
    }

    [Fact]
    public void One_area_of_one_region_can_be_mapped()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        using MappableRegion region = client.GetMappableRegion(Bar)!;
        Assert.Equal(new RegionInfo(64, 0xF, Bar, 32, EndpointModel.Bar0Size, 0), region.Info);
        Assert.Equal([new RegionArea(Offset, Length)], region.Areas);
        for (int index = 1; index < 9; index++)
            Assert.Null(client.GetMappableRegion(index));
    }

    [Fact]
    public void A_mapped_write_reaches_the_endpoint_without_a_message_and_back()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        using MappableRegion region = client.GetMappableRegion(Bar)!;
        using MappedFile mapping = region.Map();
        Assert.Equal(Length, mapping.Length);
        Assert.Equal(Length, served.Endpoint.Memory!.Length);
        long commands = served.Socket.Counters.Commands;
        for (int at = 0; at < Length; at += 1024)
        {
            mapping.Bytes[at] = (byte)(at / 1024 + 1);
            Assert.Equal(mapping.Bytes[at], served.Endpoint.Memory!.Slice(at, 1)[0]);
        }

        served.Endpoint.Memory!.Slice(4, 1)[0] = 77;
        Assert.Equal(77, mapping.Bytes[4]);
        Assert.Equal(commands, served.Socket.Counters.Commands);
        Assert.Equal(new byte[EndpointModel.Bar0Size], served.Endpoint.Bar0);
    }

    [Fact]
    public void Messages_for_the_pages_still_go_to_the_endpoint()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        using MappableRegion region = client.GetMappableRegion(Bar)!;
        using MappedFile mapping = region.Map();
        client.WriteRegion64(Bar, Offset + 8, 4, 0x1234);
        Assert.Equal(0x34, served.Endpoint.Bar0[Offset + 8]);
        Assert.Equal(0x1234u, client.ReadRegion64(Bar, Offset + 8, 4));
        Assert.Equal(0, mapping.Bytes[8]);
    }

    /// <summary>The same through a real function, where both ways lead to the same bytes.</summary>
    [Fact]
    public void A_functions_personality_finds_both_kinds_of_writes()
    {
        RegisterPersonality personality = new(RegisterPersonality.Describe(1) with { Shared = new SharedBarMemory(0, 0x1000, 0x1000) });
        using PciFunction function = PciFunction.Create(
            "lone", personality, new DmaDomain(new NoPollers(), new DmaFaultLog(8)), new NativeStateStore());
        using ServedModel served = new();
        using VfioUserSocket socket = served.Serve(function.Endpoint, "shared.sock");
        using VfioUserClient client = VfioUserClient.Connect(socket.Path);
        using MappableRegion region = client.GetMappableRegion(0)!;
        using MappedFile mapping = region.Map();
        mapping.Bytes[0x10] = 5;
        Assert.Equal(5, personality.Memory!.Slice(0x10, 1)[0]);
        client.WriteRegion64(0, 0x1018, 4, 6);
        Assert.Equal(6, mapping.Bytes[0x18]);
        client.Reset();
        Assert.Equal((0, 0), (mapping.Bytes[0x10], mapping.Bytes[0x18]));
        mapping.Bytes[0x10] = 7;
        Assert.Equal(7, personality.Memory!.Slice(0x10, 1)[0]);
        function.Dispose();
        Assert.Null(personality.Memory);
        mapping.Bytes[0x10] = 8;
    }

    [Fact]
    public void Asked_twice_the_file_is_the_same_and_no_descriptor_is_left_over()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        using MappableRegion first = client.GetMappableRegion(Bar)!;
        Assert.Equal(2, OpenDescriptors.Of(first.File));
        using (MappableRegion second = client.GetMappableRegion(Bar)!)
        {
            Assert.Equal(3, OpenDescriptors.Of(first.File));
            using MappedFile one = first.Map();
            using MappedFile two = second.Map();
            one.Bytes[1] = 3;
            Assert.Equal(3, two.Bytes[1]);
        }

        client.Dispose();
        served.WaitDetached();
        Assert.Equal(1, OpenDescriptors.Of(first.File));
    }

    [Fact]
    public void The_client_gets_the_pages_and_nothing_else_and_cannot_change_their_size()
    {
        using ServedModel served = NewServed();
        Array.Fill(served.Endpoint.Bar0, (byte)0xEE);
        using VfioUserClient client = served.Connect();
        using MappableRegion region = client.GetMappableRegion(Bar)!;
        Assert.Equal(Offset + Length, region.File.Status().Size);
        using MappedFile all = MappedFile.Map(region.File, 0, Offset + Length, writable: true);
        Assert.Equal(new byte[Offset + Length], all.Bytes.ToArray());
        Assert.Equal(FileSeals.Shrink | FileSeals.Grow | FileSeals.Seal, MemoryFile.SealsOf(region.File));
        Assert.Equal(Errno.EPERM, MemoryFile.TryResize(region.File, 0));
        Assert.Equal(Errno.EPERM, MemoryFile.TryResize(region.File, Offset));
        Assert.Equal(Errno.EPERM, MemoryFile.TryResize(region.File, 1 << 20));
        Assert.Throws<LinuxException>(() => MemoryFile.AddSeals(region.File, FileSeals.Write));

        // What lies before the pages is nobody's: the endpoint does not have it.
        all.Bytes[..Offset].Fill(0x55);
        Assert.Equal(new byte[Length], served.Endpoint.Memory!.Slice(0, Length).ToArray());
    }

    [Fact]
    public void A_client_that_punches_the_pages_out_of_the_file_does_no_more_than_write_0()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        using MappableRegion region = client.GetMappableRegion(Bar)!;
        using MappedFile mapping = region.Map();
        mapping.Bytes.Fill(0x77);
        string file = $"/proc/{Environment.ProcessId}/fd/{region.File.Number}";
        using Process punch = Process.Start("fallocate", ["--punch-hole", "--offset", $"{Offset}", "--length", $"{Length}", file]);
        Assert.True(punch.WaitForExit(ServedModel.Patience));
        Assert.Equal(0, punch.ExitCode);
        Assert.Equal(new byte[Length], served.Endpoint.Memory!.Slice(0, Length).ToArray());
        mapping.Bytes[0] = 1;
        Assert.Equal(1, served.Endpoint.Memory!.Slice(0, 1)[0]);
    }

    [Fact]
    public void The_next_client_shares_nothing_with_one_that_kept_its_mapping()
    {
        using ServedModel served = NewServed();
        VfioUserClient former = served.Connect();
        using MappableRegion kept = former.GetMappableRegion(Bar)!;
        using MappedFile early = kept.Map();
        early.Bytes.Fill(0xAA);
        former.Dispose();
        served.WaitDetached();
        Assert.Null(served.Endpoint.Memory);

        // The file is the client's for as long as it likes: it can still map it, and nobody else has it.
        using MappedFile late = kept.Map();
        Assert.Equal(0xAA, late.Bytes[0]);
        using VfioUserClient next = served.Connect();
        using MappableRegion region = next.GetMappableRegion(Bar)!;
        using MappedFile mapping = region.Map();
        Assert.Equal(new byte[Length], mapping.Bytes.ToArray());
        late.Bytes.Fill(0xBB);
        Assert.Equal(new byte[Length], mapping.Bytes.ToArray());
        Assert.Equal(new byte[Length], served.Endpoint.Memory!.Slice(0, Length).ToArray());
        mapping.Bytes.Fill(0x11);
        Assert.Equal(0xBB, early.Bytes[0]);
        Assert.NotEqual(kept.File.Status().Inode, region.File.Status().Inode);
    }

    /// <summary>A poller may still read the pages until the endpoint has let go of them.</summary>
    [Fact]
    public void The_pages_stay_mapped_until_the_endpoint_lets_go_of_them()
    {
        using ServedModel served = NewServed();
        List<(bool IsGiven, bool IsMaster, int First)> calls = [];
        served.Endpoint.Sharing = memory => calls.Add(
            (memory is not null, served.Endpoint.Dma.BusMasterEnable, (served.Endpoint.Memory ?? memory)!.Slice(0, 1)[0]));
        using (VfioUserClient client = served.Connect())
        {
            using MappableRegion region = client.GetMappableRegion(Bar)!;
            using MappedFile mapping = region.Map();
            mapping.Bytes[0] = 42;
            client.WriteConfig16(4, 6);
        }

        served.WaitDetached();
        Assert.Equal([(true, false, 0), (false, false, 42)], calls);
    }

    [Fact]
    public void A_connection_that_agrees_on_nothing_gets_nothing()
    {
        using ServedModel served = NewServed();
        using VfioUserClient client = served.ConnectSilently();
        byte[] request = Request(64);
        Assert.Throws<VfioUserException>(() =>
        {
            if (client.Call(ClientMessage.GetRegionInfo, request).Error != Errno.EINVAL)
                return;
            client.Negotiate();
        });
        served.Endpoint.Sharing = _ => Assert.Fail("nobody is attached");
        Assert.Null(served.Endpoint.Memory);
    }

    [Fact]
    public void An_endpoint_that_shares_nothing_is_given_nothing()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.Connect();
        Assert.Null(client.GetMappableRegion(Bar));
        Assert.Null(served.Endpoint.Memory);
    }

    [Fact]
    public void A_client_that_does_not_read_finds_each_file_with_its_answer()
    {
        const int Rounds = 400;
        const int ReadLength = 4096;
        using ServedModel served = NewServed();
        using VfioUserClient client = served.Connect();
        byte[] info = [0, 0, 5, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Request(64)];
        byte[] read = [0, 0, 9, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, ReadLength >> 8, 0, 0];
        Thread writer = new(() =>
        {
            for (int i = 0; i < Rounds; i++)
                client.SendRaw([.. read, .. info, .. info]);
        });
        writer.Start();
        Thread.Sleep(50);
        for (int i = 0; i < 3 * Rounds; i++)
        {
            byte[] answer = client.ReceiveRaw(out FileDescriptor? file)!;
            Assert.Equal(i % 3 == 0 ? 16 + 16 + ReadLength : 16 + 64, answer.Length);
            Assert.Equal(i % 3 != 0, file is not null);
            file?.Dispose();
        }

        writer.Join();
    }

    private static ServedModel NewServed() => new(endpoint: new EndpointModel { Shared = new SharedBarMemory(Bar, Offset, Length) });

    private static Answer Ask(VfioUserClient client, int argumentSize) => client.Call(ClientMessage.GetRegionInfo, Request(argumentSize));

    private static byte[] Request(int argumentSize)
    {
        byte[] request = new byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(request, argumentSize);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(8), Bar);
        return request;
    }
}
