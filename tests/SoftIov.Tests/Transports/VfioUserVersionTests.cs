using System.Text;
using System.Text.Json;
using SoftIov.Lab.VfioUser;
using SoftIov.Linux;
using SoftIov.Transports.VfioUser;
using Xunit;

namespace SoftIov.Tests.Transports;

public sealed class VfioUserVersionTests
{
    [Fact]
    public void The_answer_is_0_0_with_limits_that_qemu_takes()
    {
        using ServedModel served = new();
        using VfioUserClient client = served.ConnectSilently();
        VersionAnswer answer = client.Negotiate();

        Assert.Equal((0, 0), (answer.Major, answer.Minor));
        Assert.InRange(answer.Capabilities.Length, 1, 193);
        JsonElement capabilities = JsonDocument.Parse(answer.Capabilities).RootElement.GetProperty("capabilities");
        Assert.InRange(capabilities.GetProperty("max_msg_fds").GetInt32(), 1, 16);
        Assert.InRange(capabilities.GetProperty("max_data_xfer_size").GetInt32(), 4096, 64 << 20);
        Assert.Equal(4096, capabilities.GetProperty("pgsizes").GetInt32());
        Assert.InRange(capabilities.GetProperty("max_dma_maps").GetInt32(), 1, 65535);
        Assert.True(capabilities.GetProperty("write_multiple").GetBoolean());
        Assert.Equal(0, VersionProposal.Answer[^1]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"capabilities":{}}""")]
    [InlineData("""{"unheard":[1,{"of":2}],"capabilities":{"twin_socket":{"supported":true},"max_msg_fds":1}}""")]
    [InlineData("""{"capabilities":{"max_data_xfer_size":18446744073709551615}}""")]
    public void Clients_may_propose_little_or_much(string? json)
    {
        using ServedModel served = new();
        using VfioUserClient client = VfioUserClient.Connect(served.Socket.Path, new() { Capabilities = json, MinorVersion = 1 });
        Assert.Equal(2u, client.GetInfo().Flags & 2);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{} {}")]
    [InlineData("""{"capabilities":1}""")]
    [InlineData("""{"capabilities":{"max_msg_fds":"many"}}""")]
    [InlineData("""{"capabilities":{"max_data_xfer_size":-1}}""")]
    [InlineData("""{"capabilities":{"max_data_xfer_size":512}}""")]
    [InlineData("""{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""")]
    public void Bad_proposals_are_answered_with_an_error_and_end_the_session(string json)
    {
        using ServedModel served = new();
        using VfioUserClient client = new(UnixStream.Connect(served.Socket.Path), new() { Capabilities = json });
        Assert.Equal(Errno.EINVAL, Assert.Throws<VfioUserException>(() => client.Negotiate()).Errno);
        Assert.Null(client.ReceiveRaw());
        Assert.Null(served.Socket.Attachment);
    }

    [Fact]
    public void Json_that_does_not_end_where_the_message_does_is_refused()
    {
        Assert.Equal(Errno.EINVAL, VersionProposal.TryRead([0, 0, 0, 0, .. "{}"u8], out _));
        Assert.Equal(Errno.EINVAL, VersionProposal.TryRead([0, 0, 0, 0, .. "{}\0\0"u8], out _));
        Assert.Equal(Errno.None, VersionProposal.TryRead([0, 0, 0, 0, .. "{}\0"u8], out _));
        Assert.Equal(Errno.EINVAL, VersionProposal.TryRead([0, 0], out _));
        Assert.Equal(Errno.EINVAL, VersionProposal.TryRead([1, 0, 0, 0], out _));
        byte[] large = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes("{}" + new string(' ', 5000)), 0];
        Assert.Equal(Errno.EINVAL, VersionProposal.TryRead(large, out _));
    }

    [Fact]
    public void Version_comes_first_and_once()
    {
        using ServedModel served = new();
        using (VfioUserClient early = served.ConnectSilently())
        {
            Assert.Equal(Errno.EINVAL, Assert.Throws<VfioUserException>(() => early.GetInfo()).Errno);
            Assert.Null(early.ReceiveRaw());
        }

        using VfioUserClient client = served.Connect();
        Assert.Equal(Errno.EINVAL, Assert.Throws<VfioUserException>(() => client.Negotiate()).Errno);
        Assert.Equal(9u, client.GetInfo().Regions);
    }
}
