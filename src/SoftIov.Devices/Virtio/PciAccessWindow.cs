using System.Buffers.Binary;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Pcie;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// Access to the BAR by configuration space, for firmware that cannot map it (virtio 1.4, 4.1.4.9). Bar, offset and length are writable;
/// an access to pci_cfg_data performs the access they describe. What they describe badly is ignored and reads 0.
/// </summary>
internal sealed class PciAccessWindow(IVirtioDevice device, VirtioTransport transport) : IVendorCapability
{
    private uint _data;

    public int Length => CapabilityField.ExtendedSize;

    private bool IsValid
    {
        get
        {
            ref VirtioState state = ref device.Registers;
            uint length = state.WindowLength;
            return state.WindowBar == VirtioBar.Index && length is 1 or 2 or 4
                && state.WindowOffset % length == 0 && state.WindowOffset <= VirtioBar.Size - length;
        }
    }

    public byte Read(int offset)
    {
        Span<byte> image = stackalloc byte[CapabilityField.ExtendedSize];
        WriteImage(image);
        return image[offset];
    }

    public void BeforeRead(int offset, int length)
    {
        if (offset + length <= CapabilityField.Extra)
            return;

        Span<byte> data = stackalloc byte[sizeof(uint)];
        if (IsValid)
            transport.ReadBar(device.Registers.WindowOffset, data[..(int)device.Registers.WindowLength]);
        _data = BinaryPrimitives.ReadUInt32LittleEndian(data);
    }

    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        Span<byte> image = stackalloc byte[CapabilityField.ExtendedSize];
        WriteImage(image);
        source.CopyTo(image[offset..]);
        ref VirtioState state = ref device.Registers;
        state.WindowBar = image[CapabilityField.Bar];
        state.WindowOffset = BinaryPrimitives.ReadUInt32LittleEndian(image[CapabilityField.Offset..]);
        state.WindowLength = BinaryPrimitives.ReadUInt32LittleEndian(image[CapabilityField.RegionLength..]);
        if (offset + source.Length > CapabilityField.Extra && IsValid)
            transport.WriteBar(state.WindowOffset, image.Slice(CapabilityField.Extra, (int)state.WindowLength));
    }

    private void WriteImage(Span<byte> image)
    {
        ref VirtioState state = ref device.Registers;
        image.Clear();
        image[CapabilityField.Length] = CapabilityField.ExtendedSize;
        image[CapabilityField.Type] = (byte)CapabilityType.PciAccess;
        image[CapabilityField.Bar] = state.WindowBar;
        BinaryPrimitives.WriteUInt32LittleEndian(image[CapabilityField.Offset..], state.WindowOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(image[CapabilityField.RegionLength..], state.WindowLength);
        BinaryPrimitives.WriteUInt32LittleEndian(image[CapabilityField.Extra..], _data);
    }
}
