namespace SoftIov.Api;

/// <summary>Adapters of all personalities, as they are, as JSON.</summary>
internal sealed class AdapterStatusConverter() : PersonalityConverter<AdapterStatus>(
    (Personality.Net, typeof(NetAdapterStatus)), (Personality.Nvme, typeof(NvmeAdapterStatus)));
