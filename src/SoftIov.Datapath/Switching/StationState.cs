namespace SoftIov.Datapath;

/// <summary>What a station takes over from its port beside policy and filter.</summary>
internal readonly record struct StationState(MacAddress Address, int Mtu, bool LinkUp, IFramePort? Receiver);
