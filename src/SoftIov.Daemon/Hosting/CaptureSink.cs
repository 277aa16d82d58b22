namespace SoftIov.Daemon.Hosting;

/// <summary>
/// Takes a piece of a pcap file, and how many frames were lost so far. Called on one thread at a time, never on a poller.
/// </summary>
internal delegate ValueTask CaptureSink(byte[] data, long dropped);
