using System.Buffers.Binary;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <content>
/// The device configuration and what others than the control thread ask of the device: those calls may come while it is being disposed.
/// </content>
internal sealed partial class NetDevice
{
    private readonly Lock _lifetime = new();
    private bool _isDisposed;

    /// <summary>
    /// All fields are read live. A change shows first to whoever reads: the image last seen is kept, and the generation moves when it
    /// differs, so that no reader can put halves of two states together.
    /// </summary>
    public void ReadConfig(Span<byte> image)
    {
        FillConfig(image);
        Span<byte> seen = State.ConfigSeen;
        if (image.SequenceEqual(seen))
            return;

        image.CopyTo(seen);
        Registers.Generation++;
    }

    public byte ReadGeneration()
    {
        Span<byte> image = stackalloc byte[NetConfig.Length];
        ReadConfig(image);
        return (byte)Registers.Generation;
    }

    /// <summary>Asks the driver to announce its addresses; false when none is there that would. Any thread.</summary>
    public bool RequestAnnounce()
    {
        lock (_lifetime)
        {
            if (_isDisposed || !Registers.IsLive || (Registers.Features & VirtioFeatures.GuestAnnounce) == 0)
                return false;

            Interlocked.Exchange(ref State.Announce, 1);
            Interrupts.FireConfiguration();
            return true;
        }
    }

    /// <summary>What function and driver agreed on. Any thread; after the end, what a function at power-on shows.</summary>
    public NetFunctionStatus Snapshot()
    {
        lock (_lifetime)
        {
            NetState state = _isDisposed ? NetState.AtReset(QueueCount, MaxQueueSize, 0) : State;
            return new NetFunctionStatus
            {
                DeviceStatus = (byte)state.Virtio.DeviceStatus,
                IsLive = state.Virtio.IsLive,
                NeedsReset = (state.Virtio.DeviceStatus & DeviceStatus.NeedsReset) != 0,
                Features = state.Virtio.Features,
                OfferedFeatures = OfferedFeatures,
                Mac = _port.MacAddress,
                ActivePairs = state.Steering.ActivePairs,
                LinkUp = _port.LinkUp,
                Filter = _port.Filter,
            };
        }
    }

    public void Dispose()
    {
        _port.LinkChanged -= OnLinkChanged;
        lock (_gate)
        {
            Stop();
            EndAnnouncement();
            lock (_lifetime)
            {
                _isDisposed = true;
                _page.Dispose();
            }
        }

        _states.Remove(_settings.Name + PageSuffix);
    }

    private void FillConfig(Span<byte> image)
    {
        image.Clear();
        _port.MacAddress.CopyTo(image[NetConfig.Mac..]);
        NetConfigStatus status = _port.LinkUp ? NetConfigStatus.LinkUp : NetConfigStatus.None;
        status |= Volatile.Read(ref State.Announce) != 0 ? NetConfigStatus.Announce : NetConfigStatus.None;
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.Status..], (ushort)status);
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.MaxVirtqueuePairs..], (ushort)_pairs.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.Mtu..], (ushort)_settings.Mtu);
        BinaryPrimitives.WriteUInt32LittleEndian(image[NetConfig.Speed..], _settings.SpeedMegabits);
        image[NetConfig.Duplex] = NetConfig.DuplexFull;
        image[NetConfig.RssMaxKeySize] = NetConfig.RssKeySize;
        BinaryPrimitives.WriteUInt16LittleEndian(image[NetConfig.RssMaxIndirectionTableLength..], NetConfig.RssTableLength);
        BinaryPrimitives.WriteUInt32LittleEndian(image[NetConfig.SupportedHashTypes..], (uint)HashTypes.Supported);
    }

    private void OnLinkChanged()
    {
        lock (_lifetime)
        {
            if (!_isDisposed && Registers.IsLive && (Registers.Features & VirtioFeatures.Status) != 0)
                Interrupts.FireConfiguration();
        }
    }
}
