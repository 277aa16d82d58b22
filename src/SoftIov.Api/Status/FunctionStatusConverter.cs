namespace SoftIov.Api;

/// <summary>Functions of all personalities as JSON.</summary>
internal sealed class FunctionStatusConverter() : PersonalityConverter<FunctionStatus>(
    (Personality.Net, typeof(NetFunctionStatus)), (Personality.Nvme, typeof(NvmeFunctionStatus)));
