using System.Buffers.Binary;

namespace SoftIov.Fuzz.VfioUser;

/// <summary>
/// Makes streams of messages up: mostly what a VMM would send, in an order that makes sense, now and then something that none should. The
/// same seed gives the same stream.
/// </summary>
internal sealed partial class StreamGenerator(int seed)
{
    private const int HeaderLength = 16;
    private const int Page = 4096;
    private readonly Random _random = new(seed);
    private readonly List<(ulong Iova, ulong Size)> _maps = [];
    private readonly List<Step> _steps = [];
    private ushort _id;

    /// <summary>The steps.</summary>
    public List<Step> Generate()
    {
        int sessions = Chance(20) ? 2 : 1;
        for (int i = 0; i < sessions; i++)
        {
            if (i > 0)
                _steps.Add(Step.Reconnect());
            _maps.Clear();
            Session(_random.Next(5, 60));
        }

        return _steps;
    }

    private void Session(int messages)
    {
        if (Chance(97))
            Add(1, Version());
        if (Chance(85))
            Add(10, [.. Long(4), .. Words(7, 2), 6, 0]);
        for (int i = 0; i < messages; i++)
            Message();
        if (Chance(10))
            _steps.Add(Step.Send(Bytes(_random.Next(1, 64))));
    }

    private void Message()
    {
        switch (_random.Next(100))
        {
            case < 14:
                Map();
                break;
            case < 20:
                Unmap();
                break;
            case < 30:
                Inform();
                break;
            case < 45:
                Interrupt();
                break;
            case < 60:
                Add(9, Access());
                break;
            case < 80:
                Write();
                break;
            case < 84:
                WriteMany();
                break;
            case < 87:
                Add(13, []);
                break;
            case < 89:
                Add(16, [8, 0, 0, 0, .. Bytes(4)]);
                break;
            case < 91:
                Add((ushort)_random.Next(20), Bytes(_random.Next(40)));
                break;
            case < 99:
                DmaMessage();
                break;
            case < 100 when Chance(30):
                _steps.Add(Step.Send(Framed((ushort)_random.Next(9, 14), Bytes(_random.Next(32)), flags: 1)));
                break;
        }
    }

    /// <summary>Adds a command, sometimes a spoilt one.</summary>
    private void Add(ushort command, byte[] payload, bool isPosted = false, params string[] descriptors)
    {
        byte[] message = Framed(command, payload, isPosted || Chance(3) ? 0x10u : 0);
        if (!Chance(8))
        {
            AddWhole(message, descriptors);
            return;
        }

        // Cutting a message short or long makes the rest of the stream noise, so that is rarer.
        switch (Chance(80) ? _random.Next(3, 8) : _random.Next(8))
        {
            case 0:
                message[_random.Next(message.Length)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                message = message[..^Math.Min(_random.Next(1, 9), message.Length - 1)];
                break;
            case 2:
                message = [.. message, .. Bytes(_random.Next(1, 9))];
                break;
            case 3:
                payload = payload[..^Math.Min(_random.Next(1, 9), payload.Length)];
                message = Framed(command, payload, 0);
                break;
            case 4:
                message = Framed(command, [.. payload, .. Bytes(_random.Next(1, 200))], 0);
                break;
            case 5:
                descriptors = [.. descriptors, .. Enumerable.Range(0, _random.Next(1, 20)).Select(_ => Pick(DescriptorSet.Names))];
                break;
            case 6:
                descriptors = [];
                break;
            default:
                if (payload.Length >= 4)
                    BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(HeaderLength + _random.Next(payload.Length / 4) * 4), Odd());
                break;
        }

        AddWhole(message, descriptors);
    }

    /// <summary>A message may come in pieces, and several in one piece.</summary>
    private void AddWhole(byte[] message, string[] descriptors)
    {
        if (Chance(10) && message.Length > 1)
        {
            int cut = _random.Next(1, message.Length);
            _steps.Add(Step.Send(message[..cut], descriptors));
            _steps.Add(Step.Send(message[cut..]));
        }
        else if (Chance(30) && descriptors.Length == 0 && _steps is [.., { Kind: StepKind.Send } last])
        {
            _steps[^1] = last with { Bytes = [.. last.Bytes, .. message] };
        }
        else
        {
            _steps.Add(Step.Send(message, descriptors));
        }
    }

    private byte[] Framed(ushort command, byte[] payload, uint flags)
    {
        byte[] message = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(message, ++_id);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), command);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), flags);
        payload.CopyTo(message, HeaderLength);
        return message;
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(T[] choices) => choices[_random.Next(choices.Length)];

    private byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A number from where mistakes are made.</summary>
    private uint Odd() => Pick<uint>([
        0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 255, 4095, 4096, 4097, 65535, 65536, 65537, 0x7FFF_FFFF, 0x8000_0000, uint.MaxValue]);

    private static byte[] Words(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[words.Length * sizeof(uint)];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        return bytes;
    }

    private static byte[] Long(ulong value) => BitConverter.GetBytes(value);
}
