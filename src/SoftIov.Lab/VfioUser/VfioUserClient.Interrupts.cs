using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.VfioUser;

/// <content>Interrupts.</content>
public sealed partial class VfioUserClient
{
    private const int IrqSetLength = 20;

    /// <summary>DEVICE_GET_IRQ_INFO.</summary>
    public IrqInfo GetIrqInfo(uint index)
    {
        const int Length = 16;
        Span<byte> payload = stackalloc byte[Length];
        payload.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(payload, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[8..], index);
        ReadOnlySpan<byte> answer = Ask(ClientMessage.GetIrqInfo, payload, default).Payload;
        return new IrqInfo(Word(answer, 0), Word(answer, 4), Word(answer, 8), Word(answer, 12));
    }

    /// <summary>DEVICE_SET_IRQS, any form of it.</summary>
    public void SetIrqs(uint flags, uint index, uint start, uint count, ReadOnlySpan<byte> data = default, params ReadOnlySpan<int> events)
    {
        Span<byte> payload = new byte[IrqSetLength + data.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[8..], index);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[12..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[16..], count);
        data.CopyTo(payload[IrqSetLength..]);
        Ask(ClientMessage.SetIrqs, payload, events);
    }

    /// <summary>Connects an MSI-X vector to an event, or with null takes it away.</summary>
    public void SetMsix(int vector, EventFd? line) => Connect(ClientMessage.Trigger, ClientMessage.Msix, (uint)vector, line);

    /// <summary>Connects an MSI vector to an event, or with null takes it away.</summary>
    public void SetMsi(int vector, EventFd? line) => Connect(ClientMessage.Trigger, ClientMessage.Msi, (uint)vector, line);

    /// <summary>Takes all MSI vectors away.</summary>
    public void DisableMsi() => SetIrqs(ClientMessage.DataNone | ClientMessage.Trigger, ClientMessage.Msi, 0, 0);

    /// <summary>Takes all MSI-X vectors away.</summary>
    public void DisableMsix() => SetIrqs(ClientMessage.DataNone | ClientMessage.Trigger, ClientMessage.Msix, 0, 0);

    /// <summary>Connects INTx to an event, or with null takes it away. It fires once, then waits for <see cref="UnmaskIntx"/>.</summary>
    public void SetIntx(EventFd? line) => Connect(ClientMessage.Trigger, ClientMessage.Intx, 0, line);

    /// <summary>Masks INTx.</summary>
    public void MaskIntx() => SetIrqs(ClientMessage.DataNone | ClientMessage.Mask, ClientMessage.Intx, 0, 1);

    /// <summary>Unmasks INTx: it fires again if the device still asserts it.</summary>
    public void UnmaskIntx() => SetIrqs(ClientMessage.DataNone | ClientMessage.Unmask, ClientMessage.Intx, 0, 1);

    /// <summary>Connects an event that unmasks INTx when signalled, or with null takes it away.</summary>
    public void SetIntxUnmask(EventFd? line) => Connect(ClientMessage.Unmask, ClientMessage.Intx, 0, line);

    private void Connect(uint action, uint index, uint number, EventFd? line)
    {
        if (line is null)
            SetIrqs(ClientMessage.DataEventFd | action, index, number, 1);
        else
            SetIrqs(ClientMessage.DataEventFd | action, index, number, 1, default, line.Descriptor.Number);
    }
}
