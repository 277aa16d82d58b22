using System.Numerics;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Queue pairs, RSS and hash configuration (virtio 1.4, 5.1.6.5.5 to 5.1.6.5.7). A command that is not valid changes nothing.</summary>
internal sealed class SteeringControl(StatePage<NetState> page, ReceiveSteering steering, int maxPairs)
{
    private const int ReservedLength = 8;

    private ref SteeringState State => ref page.Value.Steering;

    /// <summary>So many pairs, steered by flow memory; ends RSS.</summary>
    public bool SetPairs(in ControlRequest request)
    {
        if (!request.TryReadUInt16(0, out ushort pairs) || pairs == 0 || pairs > maxPairs)
            return false;

        Volatile.Write(ref State.UsesRss, 0);
        Volatile.Write(ref State.ActivePairs, pairs);
        return true;
    }

    /// <summary>Hash types, mask, unclassified queue, table, transmit queues, key.</summary>
    public bool SetRss(in ControlRequest request)
    {
        if (!TryReadTypes(in request, out HashTypes types) || !request.TryReadUInt16(4, out ushort mask)
            || !request.TryReadUInt16(6, out ushort unclassified))
            return false;

        int entries = mask + 1;
        if (entries > NetConfig.RssTableLength || !BitOperations.IsPow2(entries) || unclassified >= maxPairs)
            return false;

        var table = default(RssTable);
        int offset = 8;
        for (int i = 0; i < entries; i++, offset += sizeof(ushort))
        {
            if (!request.TryReadUInt16(offset, out table[i]) || table[i] >= maxPairs)
                return false;
        }

        if (!request.TryReadUInt16(offset, out ushort transmitQueues) || transmitQueues == 0 || transmitQueues > maxPairs
            || !TryReadKey(in request, offset + sizeof(ushort), types, out RssKey key))
            return false;

        ref SteeringState state = ref State;
        state.Table = table;
        state.TableMask = mask;
        state.UnclassifiedPair = unclassified;
        SetHash(types, in key);
        Volatile.Write(ref state.ActivePairs, transmitQueues);
        Volatile.Write(ref state.UsesRss, 1);
        return true;
    }

    /// <summary>Hash types and key, for the report alone; ends RSS.</summary>
    public bool SetHash(in ControlRequest request)
    {
        if (!TryReadTypes(in request, out HashTypes types)
            || !TryReadKey(in request, sizeof(uint) + ReservedLength, types, out RssKey key))
            return false;

        Volatile.Write(ref State.UsesRss, 0);
        SetHash(types, in key);
        return true;
    }

    private void SetHash(HashTypes types, in RssKey key)
    {
        State.Key = key;
        steering.KeyChanged();
        State.HashTypes = types;
    }

    private static bool TryReadTypes(in ControlRequest request, out HashTypes types)
    {
        bool isRead = request.TryReadUInt32(0, out uint bits);
        types = (HashTypes)bits;
        return isRead && (types & ~HashTypes.Supported) == 0;
    }

    /// <summary>Length and bytes. A key may be absent only where nothing is hashed.</summary>
    private static bool TryReadKey(in ControlRequest request, int offset, HashTypes types, out RssKey key)
    {
        key = default;
        return request.TryReadByte(offset, out byte length) && length <= RssKey.Length && (length != 0 || types == HashTypes.None)
            && request.TryRead(offset + 1, ((Span<byte>)key)[..length]);
    }
}
