using System.Text.Json;
using SoftIov.Lab.VfioUser;
using SoftIov.Lab.Pci;

namespace SoftIov.Lab.Guests;

/// <summary>
/// A guest with built-in drivers: a process of its own that connects to functions as a VMM does and drives them as a kernel does. It
/// takes a <see cref="GuestRequest"/> a line, answers each with a <see cref="GuestReply"/>, and ends with its input.
/// </summary>
public sealed class GuestProgram : IDisposable
{
    /// <summary>The command of <c>softiov</c> that is such a guest.</summary>
    public const string Command = "demo-guest";

    private const int SpoofedLength = 60;
    private const ushort ExperimentalType = 0x88B5;

    private readonly List<VfioUserDevice> _functions = [];
    private readonly List<GuestNic> _nics = [];

    private GuestProgram()
    {
    }

    /// <summary>Runs until <paramref name="input"/> ends; the exit code is 0.</summary>
    public static int Run(TextReader input, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        using var guest = new GuestProgram();
        while (input.ReadLine() is { } line)
        {
            output.WriteLine(JsonSerializer.Serialize(guest.Answer(line), GuestJson.Default.GuestReply));
            output.Flush();
        }

        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GuestNic nic in _nics)
            nic.Dispose();
        foreach (VfioUserDevice function in _functions)
            function.Dispose();
    }

    private GuestReply Answer(string line)
    {
        try
        {
            return Do(JsonSerializer.Deserialize(line, GuestJson.Default.GuestRequest) ?? throw new FormatException("no request"));
        }
        catch (Exception error) when (error
            is IOException or JsonException or FormatException or TimeoutException or InvalidOperationException or InvalidDataException)
        {
            return new GuestReply { Error = error.Message };
        }
    }

    private GuestReply Do(GuestRequest request)
    {
        switch (request.Verb)
        {
            case GuestRequest.Plug:
                Plug(request.Socket, request.Addresses);
                return new GuestReply();
            case GuestRequest.List:
                return new GuestReply { Functions = FunctionListing.Of(_functions) };
        }

        Ipv4Address peer = Ipv4Address.Parse(request.Peer);
        GuestNic nic = _nics.Find(one => one.SourceFor(peer) is not null) ?? throw new IOException($"no network has {peer}");
        nic.ThrowIfBroken();
        TimeSpan time = TimeSpan.FromMilliseconds(request.Milliseconds);
        return request.Verb switch
        {
            GuestRequest.Ping => new GuestReply { Pings = nic.Echo.Ping(peer, request.Count, time) },
            GuestRequest.Stream => new GuestReply { Stream = StreamSender.Run(nic, peer, time) },
            GuestRequest.Spoof => Spoof(nic, peer, EthernetAddress.Parse(request.Source), request.Count),
            _ => throw new FormatException($"no verb {request.Verb}"),
        };
    }

    private void Plug(string socket, IReadOnlyList<string> addresses)
    {
        var function = new VfioUserDevice(VfioUserClient.Connect(socket), Path.GetFileNameWithoutExtension(socket));
        try
        {
            _nics.Add(new GuestNic(function, [.. addresses.Select(Ipv4Address.Parse)]));
            _functions.Add(function);
        }
        catch
        {
            function.Dispose();
            throw;
        }
    }

    private static GuestReply Spoof(GuestNic nic, Ipv4Address peer, EthernetAddress source, int count)
    {
        EthernetAddress destination = nic.Neighbours.Resolve(peer) ?? EthernetAddress.Broadcast;
        Span<byte> frame = stackalloc byte[SpoofedLength];
        frame.Clear();
        new EthernetHeader(destination, source, ExperimentalType).Write(frame);
        for (int i = 0; i < count; i++)
        {
            if (!nic.TrySendFrame(frame))
                throw new IOException($"{nic.Function.Name} takes no frames");
        }

        return new GuestReply();
    }
}
