using System.Buffers.Binary;
using SoftIov.Linux;

namespace SoftIov.Lab.Pci;

/// <summary>The MSI-X capability of a function as its driver uses it (PCIe 7.7.2); a function without one has no vectors.</summary>
public sealed class MsixControl
{
    private const byte CapabilityId = 0x11;
    private const int ControlOffset = 2;
    private const int TableSizeMask = 0x7FF;
    private const int EnableBit = 0x8000;

    private readonly IPciDevice _device;
    private readonly int _offset;

    /// <summary>Finds the capability.</summary>
    public MsixControl(IPciDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        _device = device;
        foreach (PciCapability capability in PciCapability.List(device))
        {
            if (capability.Id == CapabilityId)
            {
                _offset = capability.Offset;
                break;
            }
        }
    }

    /// <summary>Vectors in the table, as it reads now: a VF's may change while it is offline.</summary>
    public int VectorCount => _offset == 0 ? 0 : (ReadControl() & TableSizeMask) + 1;

    /// <summary>Connects the first <paramref name="count"/> vectors, at most all of them, and switches MSI-X on.</summary>
    public IReadOnlyList<EventFd> Connect(int count = int.MaxValue)
    {
        count = Math.Min(count, VectorCount);
        IReadOnlyList<EventFd> events = _device.ConnectInterrupts(count);
        if (count > 0)
            WriteControl(ReadControl() | EnableBit);
        return events;
    }

    /// <summary>Switches MSI-X off and disconnects all vectors.</summary>
    public void Disconnect()
    {
        if (_offset != 0)
            WriteControl(ReadControl() & ~EnableBit);
        _device.ConnectInterrupts(0);
    }

    private int ReadControl()
    {
        Span<byte> control = stackalloc byte[sizeof(ushort)];
        _device.ReadConfig(_offset + ControlOffset, control);
        return BinaryPrimitives.ReadUInt16LittleEndian(control);
    }

    private void WriteControl(int value) => _device.WriteConfig(_offset + ControlOffset, [(byte)value, (byte)(value >> 8)]);
}
