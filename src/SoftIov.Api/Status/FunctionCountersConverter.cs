namespace SoftIov.Api;

/// <summary>Counters of all personalities as JSON.</summary>
internal sealed class FunctionCountersConverter() : PersonalityConverter<FunctionCounters>(
    (Personality.Net, typeof(NetCounters)), (Personality.Nvme, typeof(NvmeCounters)));
