using System.Buffers.Binary;
using System.Text.Json;
using SoftIov.Linux;

namespace SoftIov.Transports.VfioUser;

/// <summary>What a client proposes in VERSION, and what it is answered (vfio-user specification, "VFIO_USER_VERSION").</summary>
/// <param name="Transfer">Bytes of data the client takes in one message.</param>
internal readonly record struct VersionProposal(int Transfer)
{
    private const ushort Major = 0;
    private const ushort Minor = 0;
    private const int NumbersLength = 4;
    private const int DefaultTransfer = 1 << 20;
    private const int MaximumDepth = 8;

    /// <summary>
    /// The answer: version 0.0 and our limits. QEMU takes no more than its own message had, 193 bytes of JSON, and older clients than it
    /// take it whole.
    /// </summary>
    public static byte[] Answer { get; } = Encode(
        $$$"""{"capabilities":{"max_msg_fds":{{{ProtocolLimits.Descriptors}}},"max_data_xfer_size":{{{ProtocolLimits.Transfer}}},"""
        + $$$""" "max_dma_maps":{{{ProtocolLimits.Mappings}}},"pgsizes":{{{ProtocolLimits.PageSize}}},"write_multiple":true}}""");

    /// <summary>
    /// Reads a proposal; EINVAL when it is of another major version or its JSON is not what it should be. JSON may be missing, minor
    /// versions are all taken (the answer is 0), unknown keys are passed over.
    /// </summary>
    public static Errno TryRead(ReadOnlySpan<byte> body, out VersionProposal proposal)
    {
        proposal = new VersionProposal(DefaultTransfer);
        if (body.Length < NumbersLength || BinaryPrimitives.ReadUInt16LittleEndian(body) != Major)
            return Errno.EINVAL;
        ReadOnlySpan<byte> json = body[NumbersLength..];
        if (json.IsEmpty)
            return Errno.None;
        int end = json.IndexOf((byte)0);
        if (json.Length > ProtocolLimits.Json || end != json.Length - 1)
            return Errno.EINVAL;
        try
        {
            return ReadJson(json[..end], ref proposal) ? Errno.None : Errno.EINVAL;
        }
        catch (JsonException)
        {
            return Errno.EINVAL;
        }
    }

    private static bool ReadJson(ReadOnlySpan<byte> json, ref VersionProposal proposal)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaximumDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isKnown = reader.ValueTextEquals("capabilities"u8);
            reader.Read();
            if (isKnown && !ReadCapabilities(ref reader, ref proposal))
                return false;
            reader.Skip();
        }

        return !reader.Read();
    }

    private static bool ReadCapabilities(ref Utf8JsonReader reader, ref VersionProposal proposal)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isTransfer = reader.ValueTextEquals("max_data_xfer_size"u8);
            bool isNumber = isTransfer || reader.ValueTextEquals("max_msg_fds"u8) || reader.ValueTextEquals("max_dma_maps"u8)
                || reader.ValueTextEquals("pgsizes"u8);
            reader.Read();
            ulong number = 0;
            if (isNumber && (reader.TokenType != JsonTokenType.Number || !reader.TryGetUInt64(out number)))
                return false;
            if (isTransfer && number < ProtocolLimits.LeastTransfer)
                return false;
            if (isTransfer)
                proposal = new VersionProposal((int)Math.Min(number, int.MaxValue));
            reader.Skip();
        }

        return true;
    }

    private static byte[] Encode(string json)
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(json);
        byte[] answer = new byte[NumbersLength + text.Length + 1];
        BinaryPrimitives.WriteUInt16LittleEndian(answer, Major);
        BinaryPrimitives.WriteUInt16LittleEndian(answer.AsSpan(2), Minor);
        text.CopyTo(answer, NumbersLength);
        return answer;
    }
}
