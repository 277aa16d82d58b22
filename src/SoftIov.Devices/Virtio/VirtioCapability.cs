using System.Buffers.Binary;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Pcie;

namespace SoftIov.Devices.Virtio;

/// <summary>A read-only virtio capability that says where in the BAR a structure lies (virtio 1.4, 4.1.4).</summary>
internal sealed class VirtioCapability : IVendorCapability
{
    private readonly byte[] _bytes;

    public VirtioCapability(CapabilityType type)
    {
        bool isNotify = type == CapabilityType.Notify;
        _bytes = new byte[isNotify ? CapabilityField.ExtendedSize : CapabilityField.PlainSize];
        _bytes[CapabilityField.Length] = (byte)_bytes.Length;
        _bytes[CapabilityField.Type] = (byte)type;
        _bytes[CapabilityField.Bar] = VirtioBar.Index;
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(CapabilityField.Offset), VirtioBar.OffsetOf(type));
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(CapabilityField.RegionLength), VirtioBar.LengthOf(type));
        if (isNotify)
            BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(CapabilityField.Extra), VirtioBar.NotifyMultiplier);
    }

    public int Length => _bytes.Length;

    public byte Read(int offset) => _bytes[offset];

    public void BeforeRead(int offset, int length)
    {
    }

    public void Write(int offset, ReadOnlySpan<byte> source)
    {
    }
}
