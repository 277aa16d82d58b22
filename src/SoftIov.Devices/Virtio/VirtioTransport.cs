using System.Buffers.Binary;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio;

/// <summary>
/// The virtio PCI transport (virtio 1.4, 4.1): one BAR with a page per structure. It holds no state of its own: registers live in the
/// device's state page.
/// </summary>
internal sealed class VirtioTransport(IVirtioDevice device, VirtioInterrupts interrupts, int vectorCount)
{
    private readonly CommonRegisters _common = new(device, vectorCount);

    /// <summary>Reads the BAR; what decodes nothing reads 0.</summary>
    public void ReadBar(ulong offset, Span<byte> destination)
    {
        destination.Clear();
        uint page = (uint)offset & ~(uint)(VirtioBar.PageSize - 1);
        int inPage = (int)(offset - page);
        switch (page)
        {
            case VirtioBar.Common:
                Span<byte> common = stackalloc byte[CommonConfig.Length];
                _common.WriteImage(common);
                CopyPart(common, inPage, destination);
                break;
            case VirtioBar.Isr when inPage == 0 && destination.Length > 0:
                destination[0] = interrupts.TakeStatus();
                break;
            case VirtioBar.Device:
                Span<byte> config = stackalloc byte[device.ConfigLength];
                device.ReadConfig(config);
                CopyPart(config, inPage, destination);
                break;
        }
    }

    /// <summary>Writes the BAR. The device configuration has no writable field: writes to it are ignored.</summary>
    public void WriteBar(ulong offset, ReadOnlySpan<byte> source)
    {
        uint page = (uint)offset & ~(uint)(VirtioBar.PageSize - 1);
        int inPage = (int)(offset - page);
        switch (page)
        {
            case VirtioBar.Common when inPage < CommonConfig.Length:
                _common.Write(inPage, source);
                break;
            case VirtioBar.Notify when source.Length >= sizeof(ushort):
                Notify(BinaryPrimitives.ReadUInt16LittleEndian(source));
                break;
        }
    }

    /// <summary>Without NOTIFICATION_DATA the written value names the queue; the place is not looked at.</summary>
    private void Notify(int queue)
    {
        if (queue < device.QueueCount && device.Registers.IsLive && device.Registers.Queues[queue].Enabled != 0)
            device.Kick(queue);
    }

    private static void CopyPart(ReadOnlySpan<byte> image, int offset, Span<byte> destination)
    {
        if (offset < image.Length)
            image[offset..Math.Min(image.Length, offset + destination.Length)].CopyTo(destination);
    }
}
