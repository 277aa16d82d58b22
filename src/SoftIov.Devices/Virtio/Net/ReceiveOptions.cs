using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>How frames are laid into receive buffers: derived from the negotiated features and the guest offloads switched on.</summary>
internal sealed class ReceiveOptions
{
    private int _accepted;

    /// <summary>Bytes of the header in front of each frame.</summary>
    public int HeaderLength { get; private set; } = NetHeader.BaseLength;

    /// <summary>Whether a frame may lie in several buffers.</summary>
    public bool IsMergeable { get; private set; }

    /// <summary>Work the driver takes over just now.</summary>
    public OffloadSet Accepted => (OffloadSet)Volatile.Read(ref _accepted);

    /// <summary>The features were negotiated; no queue runs yet.</summary>
    public void Configure(VirtioFeatures features)
    {
        HeaderLength = NetHeader.LengthWith(features);
        IsMergeable = (features & VirtioFeatures.MrgRxbuf) != 0;
    }

    /// <summary>Guest offloads were switched.</summary>
    public void Accept(VirtioFeatures guestOffloads) => Volatile.Write(ref _accepted, (int)HeaderTranslation.Accepted(guestOffloads));
}
