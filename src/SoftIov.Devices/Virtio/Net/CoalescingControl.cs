using System.Buffers.Binary;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>Notification coalescing, for all queues of a direction or for one (virtio 1.4, 5.1.6.5.6).</summary>
internal sealed class CoalescingControl(StatePage<NetState> page, QueuePair[] pairs)
{
    /// <summary>Bytes of struct virtio_net_ctrl_coal.</summary>
    public const int ParametersLength = 8;

    /// <summary>One second: what a longer time would mean to a driver is a hang.</summary>
    private const uint MaxMicroseconds = 1_000_000;

    private ref CoalescingStates State => ref page.Value.Coalescing;

    /// <summary>Transmit and receive queues with the negotiated features.</summary>
    private int QueueCount => 2 * NetFeatureRules.UsablePairs(page.Value.Virtio.Features, pairs.Length);

    /// <summary>All transmit or all receive queues.</summary>
    public bool SetAll(in ControlRequest request, bool isTransmit)
    {
        if (!TryReadParameters(in request, 0, out CoalescingState parameters))
            return false;

        (isTransmit ? ref page.Value.TransmitCoalescing : ref page.Value.ReceiveCoalescing) = parameters;
        for (int queue = isTransmit ? 1 : 0; queue < QueueCount; queue += 2)
            Set(queue, parameters);
        return true;
    }

    /// <summary>One queue: index, reserved, parameters.</summary>
    public bool SetOne(in ControlRequest request)
    {
        if (!TryReadQueue(in request, out int queue) || !TryReadParameters(in request, 4, out CoalescingState parameters))
            return false;

        Set(queue, parameters);
        return true;
    }

    /// <summary>A queue that was reset has the parameters of its direction again (virtio 1.4, 5.1.6.5.6).</summary>
    public void QueueReset(int queue)
    {
        if (queue >= QueueCount)
            return;

        CoalescerOf(queue).Clear();
        Set(queue, queue % 2 == 0 ? page.Value.ReceiveCoalescing : page.Value.TransmitCoalescing);
    }

    /// <summary>The parameters of one queue, as they were set.</summary>
    public bool TryGet(in ControlRequest request, Span<byte> result)
    {
        if (!TryReadQueue(in request, out int queue))
            return false;

        BinaryPrimitives.WriteUInt32LittleEndian(result, State[queue].MaxPackets);
        BinaryPrimitives.WriteUInt32LittleEndian(result[sizeof(uint)..], State[queue].MaxMicroseconds);
        return true;
    }

    /// <summary>Hands what the state says to all queues.</summary>
    public void Apply()
    {
        for (int queue = 0; queue < QueueCount; queue++)
            CoalescerOf(queue).Configure(State[queue]);
    }

    private static bool TryReadParameters(in ControlRequest request, int offset, out CoalescingState parameters)
    {
        bool isRead = request.TryReadUInt32(offset, out uint packets) & request.TryReadUInt32(offset + sizeof(uint), out uint microseconds);
        parameters = new CoalescingState { MaxPackets = packets, MaxMicroseconds = Math.Min(microseconds, MaxMicroseconds) };
        return isRead;
    }

    private bool TryReadQueue(in ControlRequest request, out int queue)
    {
        bool isRead = request.TryReadUInt16(0, out ushort index);
        queue = index;
        return isRead && queue < QueueCount && page.Value.Virtio.Queues[queue].Enabled != 0;
    }

    private void Set(int queue, CoalescingState parameters)
    {
        State[queue] = parameters;
        CoalescerOf(queue).Configure(parameters);
    }

    private NotificationCoalescer CoalescerOf(int queue)
    {
        QueuePair pair = pairs[queue / 2];
        return queue % 2 == 0 ? pair.Receive.Coalescer : pair.Transmit.Coalescer;
    }
}
