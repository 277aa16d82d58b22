namespace SoftIov.Api;

/// <summary>Adapters of all personalities as JSON.</summary>
internal sealed class AdapterSpecConverter() : PersonalityConverter<AdapterSpec>(
    (Personality.Net, typeof(NetAdapterSpec)), (Personality.Nvme, typeof(NvmeAdapterSpec)));
