using System.Buffers.Binary;
using System.Text;
using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Lab.VfioUser;

/// <summary>
/// A vfio-user client, as a VMM has it: synchronous, complete, written from the specification alone. Any thread may call; each call waits
/// for its own reply. Errors are <see cref="VfioUserException"/>.
/// <code>
/// using var client = VfioUserClient.Connect("/run/softiov/net0-3.sock");
/// client.MapDma(0, size, DmaAccess.Read | DmaAccess.Write, memory);
/// client.SetMsix(0, interrupt);
/// client.WriteConfig(4, stackalloc byte[] { 6, 0 });   // memory space and bus master enable
/// client.PostRegion(0, doorbell, value);
/// </code>
/// </summary>
public sealed partial class VfioUserClient : IDisposable
{
    private readonly VfioUserClientOptions _options;

    /// <summary>A connected client that has not agreed on a version yet.</summary>
    public VfioUserClient(UnixStream stream, VfioUserClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Stream = stream;
        stream.Descriptor.SetNonBlocking();
        _options = options ?? new VfioUserClientOptions();
        if (_options.Memory is not null)
            StartPump();
    }

    /// <summary>The connection.</summary>
    public UnixStream Stream { get; }

    /// <summary>True once the server closed the connection.</summary>
    public bool IsDisconnected => Volatile.Read(ref _isDisconnected);

    /// <summary>Connects and agrees on a version.</summary>
    public static VfioUserClient Connect(string path, VfioUserClientOptions? options = null)
    {
        VfioUserClient client = new(UnixStream.Connect(path), options);
        try
        {
            client.Negotiate();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>VERSION.</summary>
    public VersionAnswer Negotiate()
    {
        const int NumbersLength = 4;
        byte[] json = _options.Capabilities is { } text ? Encoding.UTF8.GetBytes(text + '\0') : [];
        byte[] payload = new byte[NumbersLength + json.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(2), _options.MinorVersion);
        json.CopyTo(payload, NumbersLength);
        Answer answer = Ask(ClientMessage.Version, payload, default);
        return new VersionAnswer(
            BinaryPrimitives.ReadUInt16LittleEndian(answer.Payload),
            BinaryPrimitives.ReadUInt16LittleEndian(answer.Payload[2..]),
            Encoding.UTF8.GetString(answer.Payload[NumbersLength..].TrimEnd((byte)0)));
    }

    /// <summary>DEVICE_GET_INFO.</summary>
    public DeviceInfo GetInfo()
    {
        const int Length = 16;
        Span<byte> payload = stackalloc byte[Length];
        payload.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(payload, Length);
        ReadOnlySpan<byte> answer = Ask(ClientMessage.GetInfo, payload, default).Payload;
        return new DeviceInfo(Word(answer, 0), Word(answer, 4), Word(answer, 8), Word(answer, 12));
    }

    /// <summary>DEVICE_RESET.</summary>
    public void Reset() => Ask(ClientMessage.Reset, default, default);

    /// <summary>
    /// DEVICE_FEATURE with <paramref name="flags"/> (feature in bits 15:0; get, set, probe in 16, 17, 18); the answer's data.
    /// </summary>
    public byte[] Feature(uint flags, ReadOnlySpan<byte> data)
    {
        const int Length = 8;
        byte[] payload = new byte[Length + data.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(4), flags);
        data.CopyTo(payload.AsSpan(Length));
        return Ask(ClientMessage.Feature, payload, default).Payload[Length..].ToArray();
    }

    /// <summary>DMA_MAP: with a file, which the server maps, or without one, to be reached by messages.</summary>
    public void MapDma(ulong iova, ulong size, DmaAccess access, FileDescriptor? file = null, ulong fileOffset = 0)
    {
        const int Length = 32;
        Span<byte> payload = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], (uint)access);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[8..], fileOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[16..], iova);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[24..], size);
        if (file is null)
            Ask(ClientMessage.DmaMap, payload, default);
        else
            Ask(ClientMessage.DmaMap, payload, [file.Number]);
    }

    /// <summary>DMA_UNMAP; how many bytes went. When it returns the device does not touch them any more.</summary>
    public ulong UnmapDma(ulong iova, ulong size) => UnmapDma(0, iova, size);

    /// <summary>DMA_UNMAP of everything.</summary>
    public ulong UnmapAllDma() => UnmapDma(2, 0, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _isDisposed, true);
        Stream.Shutdown();
        StopPump();
        Stream.Dispose();
        _calls.Dispose();
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private ulong UnmapDma(uint flags, ulong iova, ulong size)
    {
        const int Length = 24;
        Span<byte> payload = stackalloc byte[Length];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[8..], iova);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[16..], size);
        ReadOnlySpan<byte> answer = Ask(ClientMessage.DmaUnmap, payload, default).Payload;
        return BinaryPrimitives.ReadUInt64LittleEndian(answer[16..]);
    }
}
