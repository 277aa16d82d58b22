using SoftIov.Linux;
using SoftIov.Memory;

namespace SoftIov.Transports.VhostUser;

/// <summary>What a front-end said about one ring. Changed on the loop thread; pollers read the two lines.</summary>
internal sealed class FrontEndRing(int index)
{
    private InterruptLine? _call;
    private InterruptLine? _error;

    /// <summary>Number of the ring.</summary>
    public int Index => index;

    /// <summary>Entries; 0 before they are known.</summary>
    public ushort Size { get; set; }

    /// <summary>Where it is; null before that is known.</summary>
    public VringAddresses? Addresses { get; set; }

    /// <summary>Where it stands while it is stopped.</summary>
    public uint Base { get; set; }

    /// <summary>SET_VRING_ENABLE; null before the front-end said anything.</summary>
    public bool? IsEnabled { get; set; }

    /// <summary>SET_VRING_KICK came: the ring runs as soon as it can.</summary>
    public bool IsWanted { get; set; }

    /// <summary>The device has it.</summary>
    public bool IsStarted { get; set; }

    /// <summary>Where the device has it.</summary>
    public VirtqueueLayout Layout { get; set; }

    /// <summary>Where it tells what is in flight; null when nobody wants to know.</summary>
    public InflightRegion? Inflight { get; set; }

    /// <summary>Where kicks are waited for; null while the loop does.</summary>
    public KickWatch? Watch { get; set; }

    /// <summary>What the driver kicks with; null when it does not kick.</summary>
    public FileDescriptor? Kick { get; set; }

    /// <summary>What interrupts the driver; null when nobody wants to be.</summary>
    public InterruptLine? Call => Volatile.Read(ref _call);

    /// <summary>What tells the front-end of its driver's mistakes.</summary>
    public InterruptLine? Error => Volatile.Read(ref _error);

    /// <summary>Another call line; returns the former.</summary>
    public InterruptLine? ReplaceCall(InterruptLine? line) => Interlocked.Exchange(ref _call, line);

    /// <summary>Another error line; returns the former.</summary>
    public InterruptLine? ReplaceError(InterruptLine? line) => Interlocked.Exchange(ref _error, line);
}
