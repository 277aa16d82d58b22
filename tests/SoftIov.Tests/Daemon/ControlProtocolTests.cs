using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SoftIov.Api;
using Xunit;

namespace SoftIov.Tests.Daemon;

/// <summary>The wire: JSON-RPC 2.0 over a real UNIX socket, well-formed and hostile.</summary>
public class ControlProtocolTests
{
    [Fact]
    public async Task A_request_is_answered_with_its_id()
    {
        await using var fixture = new ControlFixture();
        using Socket socket = await ConnectAsync(fixture);

        JsonElement answer = await AskAsync(socket, """{"jsonrpc":"2.0","id":"a7","method":"get"}""");

        Assert.Equal("a7", answer.GetProperty("id").GetString());
        Assert.Equal(0, answer.GetProperty("result").GetProperty("adapters").GetArrayLength());
    }

    [Theory]
    [InlineData("hello", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\"", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"get\"}", -32700)]
    [InlineData("", -32700)]
    [InlineData("\0\u0001", -32700)]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\"}]", -32600)]
    [InlineData("null", -32600)]
    [InlineData("7", -32600)]
    [InlineData("{}", -32600)]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"get\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"get\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\",\"params\":[1]}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\",\"more\":1}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"format\"}", -32601)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\",\"params\":{\"who\":1}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\",\"params\":{\"target\":1}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"get\",\"params\":{\"target\":\"a/b/c\"}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"set\",\"params\":{\"target\":\"net0\"}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"apply\",\"params\":{\"state\":{\"adapters\":[null]}}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"apply\",\"params\":{}}", -32602)]
    public async Task What_is_wrong_is_answered_and_the_connection_goes_on(string line, int code)
    {
        await using var fixture = new ControlFixture();
        using Socket socket = await ConnectAsync(fixture);

        JsonElement answer = await AskAsync(socket, line);

        Assert.Equal(code, answer.GetProperty("error").GetProperty("code").GetInt32());
        Assert.NotEmpty(answer.GetProperty("error").GetProperty("message").GetString()!);
        Assert.True((await AskAsync(socket, """{"jsonrpc":"2.0","id":1,"method":"version"}""")).TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Deep_JSON_is_refused()
    {
        await using var fixture = new ControlFixture();
        using Socket socket = await ConnectAsync(fixture);

        JsonElement answer = await AskAsync(socket, new string('[', 100_000));

        Assert.Equal(-32700, answer.GetProperty("error").GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_line_without_end_is_refused_and_costs_only_its_own_connection()
    {
        await using var fixture = new ControlFixture();
        using Socket hostile = await ConnectAsync(fixture);
        await using ControlClient other = await fixture.ConnectAsync();
        Task<string> answer = ReadLineAsync(hostile);

        await SendAllowingResetAsync(hostile, new byte[ControlLimits.RequestBytes + 8192]);

        Assert.Contains("longer than", await answer);
        Assert.Equal(1, (await other.GetVersionAsync()).Protocol);
    }

    [Fact]
    public async Task A_notification_has_no_answer()
    {
        await using var fixture = new ControlFixture();
        using Socket socket = await ConnectAsync(fixture);

        await socket.SendAsync(Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"method\":\"nothing\"}\n"));
        JsonElement answer = await AskAsync(socket, """{"jsonrpc":"2.0","id":5,"method":"version"}""");

        Assert.Equal(5, answer.GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task The_socket_is_for_its_owner_only()
    {
        await using var fixture = new ControlFixture();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fixture.SocketPath));
    }

    [Fact]
    public async Task More_connections_than_the_limit_are_closed()
    {
        await using var fixture = new ControlFixture();
        var sockets = new List<Socket>();
        for (int i = 0; i < ControlLimits.Connections; i++)
        {
            sockets.Add(await ConnectAsync(fixture));
            await AskAsync(sockets[^1], """{"jsonrpc":"2.0","id":1,"method":"version"}""");
        }

        using Socket more = await ConnectAsync(fixture);

        Assert.Equal(0, await more.ReceiveAsync(new byte[1]));
        sockets.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task A_client_without_daemon_hears_how_to_start_one()
    {
        var error = await Assert.ThrowsAsync<ControlException>(() => ControlClient.ConnectAsync("/nonexistent/control.sock"));

        Assert.Equal(ControlErrorCode.ConnectionLost, error.Code);
        Assert.Contains("softiov serve", error.Details.Errors[0].Fix);
    }

    [Fact]
    public async Task A_client_whose_daemon_goes_is_told()
    {
        var fixture = new ControlFixture();
        await using ControlClient client = await fixture.ConnectAsync();
        await client.GetVersionAsync();
        await fixture.DisposeAsync();

        var error = await Assert.ThrowsAsync<ControlException>(() => client.GetVersionAsync());

        Assert.Equal(ControlErrorCode.ConnectionLost, error.Code);
    }

    private static async Task<Socket> ConnectAsync(ControlFixture fixture)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(fixture.SocketPath));
        return socket;
    }

    private static async Task<JsonElement> AskAsync(Socket socket, string line)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(line + "\n"));
        return JsonDocument.Parse(await ReadLineAsync(socket)).RootElement;
    }

    private static async Task<string> ReadLineAsync(Socket socket)
    {
        var text = new List<byte>();
        byte[] one = new byte[1];
        while (await socket.ReceiveAsync(one).WaitAsync(TimeSpan.FromSeconds(30)) == 1 && one[0] != '\n')
        {
            text.Add(one[0]);
        }

        return Encoding.UTF8.GetString([.. text]);
    }

    private static async Task SendAllowingResetAsync(Socket socket, byte[] data)
    {
        try
        {
            for (int sent = 0; sent < data.Length;)
            {
                sent += await socket.SendAsync(data.AsMemory(sent));
            }
        }
        catch (SocketException)
        {
            // closed while we still sent: as wanted
        }
    }
}
