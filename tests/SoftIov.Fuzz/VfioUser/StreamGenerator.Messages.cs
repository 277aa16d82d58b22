using System.Text;
using SoftIov.Devices.Virtio;

namespace SoftIov.Fuzz.VfioUser;

/// <content>One method per kind of message.</content>
internal sealed partial class StreamGenerator
{
    private byte[] Version() => _random.Next(10) switch
    {
        0 => [0, 0, 0, 0],
        1 => [0, 0, 1, 0, .. "{}\0"u8],
        2 => [0, 0, 0, 0, .. Encoding.ASCII.GetBytes($$$"""{"capabilities":{"max_data_xfer_size":{{{_random.Next(100_000)}}} }}"""), 0],
        3 => [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(Pick(["[", "{\"capabilities\":", "null", "{\"a\":{}} x"])), 0],
        _ => [0, 0, 0, 0, .. """{"capabilities":{"max_msg_fds":16,"max_data_xfer_size":1048576,"write_multiple":true}}"""u8, 0],
    };

    private void Map()
    {
        ulong iova = (ulong)_random.Next(4096) * Page;
        ulong size = (ulong)_random.Next(1, 64) * Page;
        ulong offset = (ulong)_random.Next(192) * Page;
        if (Chance(5))
            iova = ulong.MaxValue - size + 1;
        if (Chance(3))
            size = ulong.MaxValue - (ulong)_random.Next(3);
        uint flags = Pick<uint>([1, 3, 3, 3, 7]);
        _maps.Add((iova, size));
        byte[] payload = [.. Words(32, flags), .. Long(offset), .. Long(iova), .. Long(size)];
        if (Chance(25))
            Add(2, payload);
        else
            Add(2, payload, false, Chance(80) ? "memory" : Pick(DescriptorSet.Names));
    }

    private void Unmap()
    {
        (ulong iova, ulong size) = _maps.Count > 0 && Chance(90) ? _maps[_random.Next(_maps.Count)] : (Odd(), Odd());
        _maps.Remove((iova, size));
        if (Chance(10))
            size += Page;
        if (Chance(10))
            Add(3, [.. Words(24, 2), .. Long(0), .. Long(0)]);
        else
            Add(3, [.. Words(24, 0), .. Long(iova), .. Long(size)]);
    }

    private void Inform()
    {
        switch (_random.Next(4))
        {
            case 0:
                Add(4, Words(16, 0, 0, 0));
                break;
            case 1:
                Add(5, Words(32, 0, (uint)_random.Next(10), 0, 0, 0, 0, 0));
                break;
            case 2:
                Add(6, Words(16, 0, (uint)_random.Next(10), 0));
                break;
            default:
                Add(7, Words(16, 0, (uint)_random.Next(6), 0));
                break;
        }
    }

    private void Interrupt()
    {
        uint index = Pick<uint>([0, 2, 2, 2, 3]);
        uint start = index == 2 ? (uint)_random.Next(6) : 0;
        uint count = index == 2 ? (uint)_random.Next(1, 4) : 1;
        uint action = index == 0 ? Pick<uint>([0x20, 0x10, 8]) : 0x20;
        switch (_random.Next(5))
        {
            case 0:
                Add(8, Words(20, 1 | action, index, start, count));
                break;
            case 1:
                Add(8, [.. Words(20 + count, 2 | action, index, start, count), .. Bytes((int)count)]);
                break;
            case 2:
                Add(8, Words(20, 0x21, index, 0, 0));
                break;
            default:
                string[] events = Chance(80) ? [.. Enumerable.Range(0, (int)count).Select(_ => Pick(["event", "event2"]))] : [];
                Add(8, Words(20, 4 | action, index, start, count), false, events);
                break;
        }
    }

    /// <summary>The head of an access: configuration space, or the BAR where a virtio function has its registers.</summary>
    private byte[] Access(uint count = 0)
    {
        uint region = Chance(4) ? 6u : Pick<uint>([VirtioBar.Index, VirtioBar.Index, 7]);
        int end = region == 7 ? (Chance(95) ? 256 : 5000) : Chance(80) ? 64 : (int)VirtioBar.Size + 64;
        uint offset = (uint)_random.Next(end);
        count = count != 0 ? count : Chance(5) ? Odd() : Pick<uint>([1, 2, 4, 4, 8, 64]);
        return [.. Long(offset / 4 * 4), .. Words(region, count)];
    }

    private void Write()
    {
        if (Chance(15))
        {
            // What lets DMA and interrupts happen at all: memory space and bus master enable.
            Add(10, [.. Long(4), .. Words(7, 2), (byte)(Chance(85) ? 6 : 2), 0]);
            return;
        }

        int count = Pick([1, 2, 4, 4, 8, 48]);
        Add(10, [.. Access((uint)count), .. Bytes(count)], Chance(60));
    }

    private void WriteMany()
    {
        int count = _random.Next(1, 20);
        IEnumerable<byte> writes = Enumerable.Range(0, count).SelectMany(_ => (byte[])[.. Access(Pick<uint>([1, 2, 4, 8])), .. Bytes(8)]);
        Add(15, [.. Long((ulong)count), .. writes], isPosted: Chance(90));
    }

    private void DmaMessage()
    {
        (ulong iova, ulong size) = _maps.Count > 0 ? _maps[_random.Next(_maps.Count)] : (0, Page);
        _steps.Add(Step.Access(Chance(50) ? StepKind.Read : StepKind.Write, iova, (int)Math.Min(size, (ulong)_random.Next(1, 200_000))));
        for (int answers = _random.Next(4); answers > 0; answers--)
            _steps.Add(Step.Answer(Chance(80) ? 0 : _random.Next(-20, 20)));
    }
}
