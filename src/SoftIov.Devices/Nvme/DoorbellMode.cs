namespace SoftIov.Devices.Nvme;

/// <summary>How doorbells reach the controller.</summary>
public enum DoorbellMode
{
    /// <summary>Each write is a message, unless the host uses shadow doorbells: an idle host costs nothing.</summary>
    Trapped,

    /// <summary>The doorbell page is mapped into the client and polled all the time, for clients that poll too.</summary>
    Shared,
}
