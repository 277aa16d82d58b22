using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <content>DMA by messages: the server asks, this answers. The pump reads when nobody waits for an answer.</content>
public sealed partial class VfioUserClient
{
    private readonly Lock _answerGate = new();
    private byte[] _answer = new byte[512];
    private Thread? _pump;
    private int _waiters;

    private void StartPump()
    {
        _pump = new Thread(Pump) { IsBackground = true, Name = "vfio-user-client" };
        _pump.Start();
    }

    private void StopPump() => _pump?.Join();

    private void LeaveCall() => Interlocked.Decrement(ref _waiters);

    private void Pump()
    {
        TimeSpan slice = TimeSpan.FromMilliseconds(20);
        while (!Volatile.Read(ref _isDisposed) && !IsDisconnected)
        {
            // Those that wait for a reply serve what comes meanwhile.
            if (Volatile.Read(ref _waiters) > 0)
                Thread.Sleep(1);
            else if (PollDescriptor.WaitReadable(Stream.Descriptor, slice))
                PumpOnce();
        }
    }

    private void PumpOnce()
    {
        try
        {
            ReceiveWhile(null);
        }
        catch (VfioUserException)
        {
            // A server that breaks the protocol is reported to whoever calls next.
            Volatile.Write(ref _isDisconnected, true);
        }
    }

    private void Serve(ushort id, ushort command, uint flags, ReadOnlySpan<byte> payload)
    {
        lock (_answerGate)
        {
            Errno error = Access(command, payload, out int length);
            if ((flags & ClientMessage.NoReply) != 0)
                return;
            uint answerFlags = ClientMessage.Reply | (error == Errno.None ? 0 : ClientMessage.Error);
            Send(id, command, answerFlags, error == Errno.None ? _answer.AsSpan(0, length) : default, default, (uint)error);
        }
    }

    private Errno Access(ushort command, ReadOnlySpan<byte> payload, out int length)
    {
        length = 0;
        if (command is not (ClientMessage.DmaRead or ClientMessage.DmaWrite))
            return Errno.ENOSYS;
        if (payload.Length < AccessLength)
            return Errno.EINVAL;
        ulong iova = BinaryPrimitives.ReadUInt64LittleEndian(payload);
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(payload[8..]);
        if (_options.Memory is not { } memory)
            return Errno.ENODEV;
        if (count > MaximumMessage - AccessLength)
            return Errno.E2BIG;
        if (_answer.Length < AccessLength + (int)count)
            Array.Resize(ref _answer, AccessLength + (int)count);
        payload[..AccessLength].CopyTo(_answer);
        if (command == ClientMessage.DmaRead)
        {
            length = AccessLength + (int)count;
            return memory.Read(iova, _answer.AsSpan(AccessLength, (int)count));
        }

        length = _options.WriteAnswerLength;
        return (ulong)(payload.Length - AccessLength) == count ? memory.Write(iova, payload[AccessLength..]) : Errno.EINVAL;
    }
}
